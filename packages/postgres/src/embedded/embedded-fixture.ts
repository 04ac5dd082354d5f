import { startEmbedded } from './index.ts';

// Starts a server in the folder of its first argument, says where, and waits for its end.
const [, , folder = ''] = process.argv;
const { url, adminUrl, pid, isAdopted } = await startEmbedded({ folder });
process.stdout.write(`${JSON.stringify({ url, adminUrl, pid, isAdopted })}\n`);
setInterval(() => undefined, 60_000);
