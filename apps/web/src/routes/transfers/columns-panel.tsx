import { Chip, Icon, Note, Panel, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/transfers.json';

type Word = Extract<keyof typeof english, `field_${string}`>;
/** Names of fields, of invoices and of customers. */
export type FieldName = Word extends `field_${infer name}` ? name : never;

/** Field → the file's column. */
export type Chosen = Readonly<Partial<Record<FieldName, string>>>;

interface ColumnsPanelProps {
  readonly header: readonly string[];
  readonly samples: readonly (readonly string[])[];
  readonly fields: readonly FieldName[];
  readonly chosen: Chosen;
  readonly missing: readonly FieldName[];
  /** Why nothing can be changed any more. */
  readonly fixed: boolean;
  onChosen(chosen: Chosen): void;
}

const samplesShown = 3;

/** Which column of the file becomes what: suggested, and to be changed. */
export function ColumnsPanel(props: ColumnsPanelProps) {
  const t = useWords(english);
  const { header, missing } = props;
  return (
    <Panel title={t('columns')} span={7} flush>
      {missing.length > 0 && (
        <div className="px-4 pb-3">
          <Note tone="warn">
            {t('missing', { fields: missing.map((field) => t(`field_${field}`)).join(', ') })}
          </Note>
        </div>
      )}
      <div className="scroll">
        <table className="tbl map">
          <thead>
            <tr>
              <th scope="col">{t('in_file')}</th>
              <th scope="col" className="sample">
                {t('samples')}
              </th>
              <th scope="col">{t('becomes')}</th>
              <th>
                <span className="sr">{t('state')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {header.map((column, at) => (
              <ColumnRow key={column} {...props} column={column} at={at} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface ColumnRowProps extends ColumnsPanelProps {
  readonly column: string;
  readonly at: number;
}

function ColumnRow({ column, at, samples, fields, chosen, fixed, onChosen }: ColumnRowProps) {
  const t = useWords(english);
  const field = fields.find((one) => chosen[one] === column);
  const values = samples.slice(0, samplesShown).map((row) => row[at] ?? '');
  return (
    <tr>
      <td className="mono">{column}</td>
      <td className="sample num">{values.join(', ')}</td>
      <td>
        <span className="selwrap">
          <select
            className="input select"
            aria-label={t('field_for', { column })}
            value={field ?? ''}
            disabled={fixed}
            onChange={({ currentTarget: { value } }) => {
              onChosen(
                choose(
                  chosen,
                  column,
                  fields.find((one) => one === value),
                ),
              );
            }}
          >
            <option value="">{t('leave_out')}</option>
            {fields.map((one) => (
              <option key={one} value={one}>
                {t(`field_${one}`)}
              </option>
            ))}
          </select>
          <Icon name="down" />
        </span>
      </td>
      <td>
        {field === undefined ? (
          <Chip tone="warn">{t('not_mapped')}</Chip>
        ) : (
          <Icon name="check" tone="ok" />
        )}
      </td>
    </tr>
  );
}

/** A column is one field, and a field one column: what either was before is undone. */
function choose(chosen: Chosen, column: string, field: FieldName | undefined): Chosen {
  const others = Object.entries(chosen).filter(([name, its]) => its !== column && name !== field);
  return { ...Object.fromEntries(others), ...(field === undefined ? {} : { [field]: column }) };
}
