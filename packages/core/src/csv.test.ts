import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  createCsvParser,
  detectEncoding,
  detectSeparator,
  formatCsvRecord,
  parseCsv,
  safeCell,
  type CsvRecord,
  type CsvSeparator,
} from './csv.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function parse(text: string, separator: CsvSeparator = ','): CsvRecord[] {
  const parser = createCsvParser(separator);
  return [...parser.push(text), ...parser.end()];
}
const fieldsOf = (text: string) => parse(text).map(({ fields }) => fields);

const cases: readonly [name: string, text: string, expected: string[][]][] = [
  ['nothing', '', []],
  ['a record without a line end', 'a,b', [['a', 'b']]],
  ['each kind of line end', 'a\nb\r\nc\rd', [['a'], ['b'], ['c'], ['d']]],
  ['empty fields', ',a,\n', [['', 'a', '']]],
  ['empty lines', 'a\n\n\r\nb\n', [['a'], ['b']]],
  ['a quoted empty field', '""\n', [['']]],
  ['separators and line ends in quotes', '"a,b\r\nc",d', [['a,b\r\nc', 'd']]],
  ['doubled quotes', '"say ""so""",x', [['say "so"', 'x']]],
  ['a quote inside an unquoted field', '5" pipe,x', [['5" pipe', 'x']]],
  ['text behind a closing quote', '"a"b,x', [['ab', 'x']]],
];
for (const [name, text, expected] of cases) {
  test(`a parser reads ${name}`, () => {
    assert.deepEqual(fieldsOf(text), expected);
  });
}

test('a record names the line it begins on, quoted line ends counted', () => {
  const lines = parse('a\n"b\nb\r\nb",x\n\nc\r\n').map(({ line }) => line);

  assert.deepEqual(lines, [1, 2, 6]);
});

test('a quote that nobody closes costs its own line', () => {
  const records = parse('a,1\n"b,2\nc,3\nd,4\n');

  assert.deepEqual(records, [
    { line: 1, fields: ['a', '1'] },
    { line: 2, fields: [], fault: 'unterminated_quote' },
    { line: 3, fields: ['c', '3'] },
    { line: 4, fields: ['d', '4'] },
  ]);
});

test('a field may have 65,536 characters and no more', () => {
  const whole = 'x'.repeat(65_536);

  assert.deepEqual(fieldsOf(`${whole}\na`), [[whole], ['a']]);
  assert.deepEqual(parse(`${whole}x\na\n"${whole}x"\nb`), [
    { line: 1, fields: [], fault: 'field_too_long' },
    { line: 2, fields: ['a'] },
    { line: 3, fields: [], fault: 'field_too_long' },
    { line: 4, fields: ['b'] },
  ]);
});

test('a record that never ends is left out while its text is held no longer than its limit', () => {
  const parser = createCsvParser();
  const chunk = `${'x'.repeat(1_000)},`.repeat(100);

  const records = Array.from({ length: 50 }, () => parser.push(chunk)).flat();

  assert.deepEqual(records, [{ line: 1, fields: [], fault: 'record_too_long' }]);
  assert.deepEqual([...parser.push('\nb\n'), ...parser.end()], [{ line: 2, fields: ['b'] }]);
});

test('a record has at most 1,000 fields', () => {
  const faults = [999, 1_000].map((commas) => parse(','.repeat(commas))[0]?.fault);

  assert.deepEqual(faults, [undefined, 'record_too_long']);
});

test('text whose every line leaves a quote open is read in linear time', () => {
  const text = 'a","b\n'.repeat(400_000);
  const startedMs = performance.now();

  const records = parse(text);

  assert.ok(records.every(({ fault }) => fault !== undefined));
  assert.ok(performance.now() - startedMs < 10_000);
});

test('what was formatted is read again as it was, however it is cut into chunks', async () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'b', ',', ';', '\t', '"', '\r', '\n', ' ', 'é', '€', '😀'),
  });
  const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 8 });

  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom<CsvSeparator>(',', ';', '\t'),
      fc.integer({ min: 1, max: 20 }),
      async (rows, separator, step) => {
        const wanted = rows.filter((row) => row.length > 1 || row[0] !== '');
        const bytes = bytesOf(rows.map((row) => formatCsvRecord(row, separator)).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
          bytes.subarray(index * step, (index + 1) * step),
        );

        const read: (readonly string[])[] = [];
        for await (const batch of parseCsv(chunks, { separator })) {
          read.push(...batch.map(({ fields }) => fields));
        }

        assert.deepEqual(read, wanted);
      },
    ),
  );
});

test('a byte order mark is no part of the first field', async () => {
  const batches = await Array.fromAsync(parseCsv([bytesOf('\uFEFFname\nAcme\n')]));

  assert.deepEqual(
    batches.flat().map(({ fields }) => fields),
    [['name'], ['Acme']],
  );
});

test('bytes that are no UTF-8 are refused with their place', async () => {
  const rows = Array.fromAsync(parseCsv([bytesOf('a\n'), Uint8Array.of(0x4d, 0xfc, 0x6c, 0x0a)]));

  await assert.rejects(rows, { code: 'csv.bad_encoding' });
});

test('an encoding is known by its mark, or by what the bytes can be', () => {
  assert.equal(detectEncoding(Uint8Array.of(0xff, 0xfe, 0x61, 0)), 'utf-16le');
  assert.equal(detectEncoding(Uint8Array.of(0xfe, 0xff, 0, 0x61)), 'utf-16be');
  assert.equal(detectEncoding(bytesOf('Müller').subarray(0, 2)), 'utf-8');
  assert.equal(detectEncoding(Uint8Array.of(0x4d, 0xfc, 0x6c)), 'windows-1252');
});

test('a separator is the sign that splits the lines alike', () => {
  assert.equal(detectSeparator('a;b;c\n1,5;2;3\n'), ';');
  assert.equal(detectSeparator('a\tb\n1\t2\n'), '\t');
  assert.equal(detectSeparator('name\nAcme, Inc.\n'), ',');
  assert.equal(detectSeparator('a,b\n"x;y;z",2\n'), ',');
});

test('a cell that a spreadsheet would compute is made a text', () => {
  assert.deepEqual(['=1+1', '+1', '-1', '@x', 'a=1'].map(safeCell), [
    "'=1+1",
    "'+1",
    "'-1",
    "'@x",
    'a=1',
  ]);
});
