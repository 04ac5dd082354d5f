import { type ComponentChildren, Facts, Money, Panel, PayLine, useLocale } from '@plinth/ui/core';
import { amount } from '@plinth/ui/format';

interface FigurePanelProps {
  readonly title: string;
  readonly currency: string;
  /** The figure that counts. */
  readonly minor: number;
  /** How much of the whole is done, 0 … 1, and that in words. */
  readonly ratio: number;
  readonly ratioLabel: string;
  /** What it is made of. */
  readonly parts: readonly (readonly [name: string, minor: number])[];
  readonly children?: ComponentChildren;
}

/** What is open, or left, of an amount. */
export function FigurePanel(props: FigurePanelProps) {
  const { title, currency, minor, ratio, ratioLabel, parts, children } = props;
  const { formats } = useLocale();
  return (
    <Panel title={title}>
      <p className="figure num">
        <Money minor={minor} currency={currency} />
      </p>
      <PayLine ratio={ratio} label={ratioLabel} />
      <Facts
        items={parts.map(([name, part]) => [
          name,
          <span className={part === 0 ? 'num muted' : 'num'}>
            {amount({ minor: part, currency }, formats)}
          </span>,
        ])}
      />
      {children}
    </Panel>
  );
}
