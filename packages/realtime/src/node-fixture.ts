import { parseArgs } from 'node:util';

import { clientPages } from './page-fixture.ts';
import { backplaneOn } from './redis/backplane-fixture.ts';
import { startServer } from './server-fixture.ts';

/** One process of several behind a balancer; the tests start it, and kill it. */
const { positionals } = parseArgs({ allowPositionals: true });
const html = `<!doctype html><link rel="icon" href="data:,"><title>Notes</title><script type="module">
  import { connect } from '/client/index.ts';
  window.heard = { sse: [], ws: [] };
  for (const [transport, all] of Object.entries(heard)) {
    connect({ url: '/rt', transport }).subscribe({ pattern: 't/{tenant}/notes' }, { tenant: 'acme' }, {
      message: ({ n }) => all.push(n),
      reset: () => all.push('reset'),
    });
  }
</script>`;

const { url } = await startServer({
  backplane: backplaneOn(Number(positionals[0])),
  config: { userMax: 1_000, heartbeatMs: 500 },
  page: clientPages(html),
});
process.stdout.write(`listening at ${url}\n`);
