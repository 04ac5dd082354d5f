import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpReader, type ReadResult } from './http-reader.ts';

function read(text: string, isHead = false): ReadResult {
  return new HttpReader().push(Buffer.from(text, 'latin1'), isHead);
}

/** Answers and what a reader makes of them: status and body, or what it says instead. */
const answers: readonly [name: string, text: string, expected: string][] = [
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', '200 hi'],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x\r\ni\r\n0\r\n\r\n',
    '200 hi',
  ],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '204 '],
  ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', '304 '],
  [
    'after 100',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    '200 ',
  ],
  ['cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi', 'more'],
  ['without an end', 'HTTP/1.1 200 OK\r\n\r\nhi', 'protocol'],
  ['followed by another', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi', 'protocol'],
  ['of another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'protocol'],
  ['with a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 'protocol'],
];
for (const [name, text, expected] of answers) {
  test(`an answer ${name} is read as ${JSON.stringify(expected)}`, () => {
    const result = read(text);

    assert.equal(
      typeof result === 'string' ? result : `${result.status} ${result.body.toString()}`,
      expected,
    );
  });
}

test('an answer that comes byte by byte is read once, when it is whole', () => {
  const reader = new HttpReader();
  const bytes = Buffer.from(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  );

  const results = [...bytes].map((byte) => reader.push(Buffer.from([byte]), false));

  assert(results.slice(0, -1).every((result) => result === 'more'));
  const last = results.at(-1);
  assert(typeof last === 'object' && last.body.toString() === 'hi');
});

test('the answer to HEAD has no body, whatever its length says', () => {
  const result = read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', true);

  assert(typeof result === 'object' && result.body.length === 0);
});
