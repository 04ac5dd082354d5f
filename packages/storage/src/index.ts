export type {
  BlobEntry,
  BlobStore,
  ByteRange,
  OpenBlob,
  PutOptions,
  StoredBlob,
} from './blob-store.ts';
