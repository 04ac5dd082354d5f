export { fakeListServer, type FakeListServer, type FakeRow } from './fake-list-server.ts';
