export type {
  Cache,
  CacheHealth,
  CacheStats,
  Codec,
  Entry,
  EntryOptions,
  Factory,
  FactoryContext,
  InvalidateOptions,
  Invalidated,
  KeyPart,
  Names,
  Region,
  RegionOptions,
  ScopeOptions,
} from './cache.ts';
export { createCache, type CacheOptions } from './create-cache.ts';
export { parsePosition, toPosition, type DataPosition, type Position } from './position.ts';
