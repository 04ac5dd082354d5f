export type {
  BlobEntry,
  BlobStore,
  Body,
  ByteRange,
  OpenBlob,
  PutOptions,
  StoredBlob,
} from './blob-store.ts';
export { createFileStore, type FileStoreNeeds } from './file-store.ts';
export { migrations } from './migrations.ts';
export { createPostgresStore, type PostgresStoreNeeds } from './postgres-store.ts';
