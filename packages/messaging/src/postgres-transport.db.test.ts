import { transportConformance } from './messaging-conformance.ts';

transportConformance('postgres', async () => ({ settings: { transport: 'postgres' } }));
transportConformance('memory', async () => ({ settings: { transport: 'memory' } }));
