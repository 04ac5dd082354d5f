import { documentTotals } from '@plinth/invoicing/browser';
import { useEffect } from 'react';

import { Money, Panel, useLocale, useWords } from '@plinth/ui/core';
import { amount, percent } from '@plinth/ui/format';

import english from '../../../messages/en/draft.json';
import { isBlank } from './draft-text.ts';
import type { EditorView } from './editor-view.ts';
import { readLine } from './read-draft.ts';

interface TotalsPanelProps {
  readonly view: EditorView;
}

interface Shown {
  readonly netMinor: number;
  readonly grossMinor: number;
  readonly taxes: readonly { readonly taxPpm: number; readonly taxMinor: number }[];
}

/** Net, tax by rate, total: by the server's own function, and by the server as soon as it has the lines. */
export function TotalsPanel({ view }: TotalsPanelProps) {
  const t = useWords(english);
  const { formats } = useLocale();
  const { currency } = view.text;
  const { totals, wrong } = useTotals(view);
  return (
    <Panel title={t('totals')}>
      <dl className="kv num" aria-live="polite">
        <dt>{t('net')}</dt>
        <dd>
          <Money minor={totals.netMinor} currency={currency} bare />
        </dd>
        {totals.taxes.map(({ taxPpm, taxMinor }) => (
          <TaxLine
            key={taxPpm}
            name={t('vat', { rate: percent(taxPpm / 1_000_000, formats) })}
            value={amount({ minor: taxMinor, currency }, formats)}
          />
        ))}
      </dl>
      <p className="figure num mt-2 border-t border-line pt-2">
        <Money minor={totals.grossMinor} currency={currency} />
      </p>
      {wrong > 0 && <p className="muted mt-2">{t('not_counted', { n: wrong })}</p>}
    </Panel>
  );
}

function TaxLine({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function useTotals({ text, stored, isStored }: EditorView): {
  readonly totals: Shown;
  readonly wrong: number;
} {
  const { formats } = useLocale();
  const lines = text.lines.filter((line) => !isBlank(line));
  const inputs = lines.flatMap((line) => readLine(line, text.currency, formats).input ?? []);
  const { netMinor, grossMinor, taxes } = documentTotals(inputs);
  const own: Shown = {
    netMinor: Number(netMinor),
    grossMinor: Number(grossMinor),
    taxes: taxes.map(({ taxPpm, taxMinor }) => ({ taxPpm, taxMinor: Number(taxMinor) })),
  };
  const server = isStored ? stored : undefined;
  const differs = server !== undefined && server.grossMinor !== own.grossMinor;
  useEffect(() => {
    // The server's figure stands; that ours was another is a fault of the program.
    if (differs) reportError(new RangeError('The totals of the page and the server differ.'));
  }, [differs]);
  return {
    totals: differs ? server : own,
    wrong: lines.length - inputs.length,
  };
}
