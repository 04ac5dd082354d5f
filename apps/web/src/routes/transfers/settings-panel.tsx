import { type ReactNode, useId } from 'react';

import { Icon, Panel, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/transfers.json';
import type { ImportSettings } from './queries.ts';

interface SettingsPanelProps {
  readonly settings: ImportSettings;
  readonly fixed: boolean;
  onSettings(part: Partial<ImportSettings>): void;
}

const mappings = ['invoice-rows', 'line-rows'] as const;
const orders = ['iso', 'dmy', 'mdy'] as const;
const termDaysMax = 365;

/** What no column says: how rows and dates are meant, and what stands where nothing is given. */
export function SettingsPanel({ settings, fixed, onSettings }: SettingsPanelProps) {
  const t = useWords(english);
  return (
    <Panel title={t('settings')}>
      <div className="fields">
        <Choice
          label={t('mapping')}
          options={mappings.map((value) => ({ value, label: t(`mapping_${value}`) }))}
          value={settings.mapping}
          fixed={fixed}
          onValue={(mapping) => onSettings({ mapping })}
        />
        <Choice
          label={t('date_order')}
          options={orders.map((value) => ({ value, label: t(`date_${value}`) }))}
          value={settings.dateOrder}
          fixed={fixed}
          onValue={(dateOrder) => onSettings({ dateOrder })}
        />
        <Text
          label={t('currency')}
          value={settings.currency}
          fixed={fixed}
          onValue={(text) => onSettings({ currency: code(text).slice(0, 3) })}
        />
        <Text
          label={t('country')}
          value={settings.country}
          fixed={fixed}
          onValue={(text) => onSettings({ country: code(text).slice(0, 2) })}
        />
        <Text
          label={t('term_days')}
          value={String(settings.termDays)}
          fixed={fixed}
          onValue={(text) =>
            onSettings({ termDays: Math.min(termDaysMax, Number(text.replaceAll(/\D/gu, ''))) })
          }
        />
        <Text
          type="date"
          label={t('settled_before')}
          hint={t('settled_hint')}
          value={settings.settledBefore ?? ''}
          fixed={fixed}
          onValue={(text) => onSettings({ settledBefore: text === '' ? null : text })}
        />
      </div>
    </Panel>
  );
}

/** Letters of a code, in capitals. */
function code(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z]/gu, '');
}

interface LabelledProps {
  readonly label: string;
  readonly hint?: string;
  children(id: string): ReactNode;
}

function Labelled({ label, hint, children }: LabelledProps) {
  const id = useId();
  return (
    <div className="field c6">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint !== undefined && <span className="hint">{hint}</span>}
    </div>
  );
}

interface ChoiceProps<value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: value; readonly label: string }[];
  readonly value: value;
  readonly fixed: boolean;
  onValue(value: value): void;
}

function Choice<value extends string>(props: ChoiceProps<value>) {
  const { label, options, value, fixed, onValue } = props;
  return (
    <Labelled label={label}>
      {(id) => (
        <span className="selwrap">
          <select
            id={id}
            className="input select"
            value={value}
            disabled={fixed}
            onChange={({ currentTarget }) => {
              const chosen = options.find((one) => one.value === currentTarget.value);
              if (chosen !== undefined) onValue(chosen.value);
            }}
          >
            {options.map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ))}
          </select>
          <Icon name="down" />
        </span>
      )}
    </Labelled>
  );
}

interface TextProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly type?: 'text' | 'date';
  readonly fixed: boolean;
  onValue(text: string): void;
}

function Text({ label, hint, value, type = 'text', fixed, onValue }: TextProps) {
  return (
    <Labelled label={label} {...(hint === undefined ? {} : { hint })}>
      {(id) => (
        <input
          id={id}
          className="input num"
          type={type}
          autoComplete="off"
          value={value}
          disabled={fixed}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}
