import type { TestEvent } from 'node:test/reporters';

/** One JSON line for each test that ran: what `scripts/test.ts` counts. */
// oxlint-disable-next-line import/no-default-export -- the runner takes a reporter's default export
export default async function* report(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, skip, todo, details, file } = event.data;
    if (details.type === 'suite') continue;
    const failed = event.type === 'test:fail' && todo === undefined;
    const outcome =
      skip !== undefined || todo !== undefined ? 'skipped' : failed ? 'failed' : 'passed';
    yield `${JSON.stringify({ outcome, name, file })}\n`;
  }
}
