import type { Column } from '@plinth/ui/grid';
import type { Translate } from '@plinth/ui/i18n';

import type english from '../../../messages/en/activity.json';
import { actionName, objectHref } from './names.ts';
import type { EntryRow } from './rows.ts';

type Words = Translate<Extract<keyof typeof english, string>>;

const kinds = ['user', 'key', 'system', 'operator', 'anonymous'] as const;
const modules = ['customers', 'identity', 'invoicing', 'notifications', 'payments'] as const;

export function entryColumns(t: Words): readonly Column<EntryRow>[] {
  return [...mainColumns(t), ...restColumns(t)];
}

function mainColumns(t: Words): readonly Column<EntryRow>[] {
  return [
    {
      id: 'at',
      title: t('at'),
      kind: 'instant',
      value: ({ at }) => ({ value: at, tone: 'muted' }),
      width: 168,
      sort: 'index',
      filter: { type: 'date' },
      phone: 'subtitle',
    },
    {
      id: 'actorName',
      title: t('actor'),
      kind: 'text',
      value: ({ actorName, actorKind }) =>
        actorName === '' ? { value: t(`kind_${actorKind}`), tone: 'muted' } : actorName,
      width: 200,
    },
    {
      id: 'action',
      title: t('action'),
      kind: 'text',
      value: ({ action }) => actionName(action),
      width: 240,
      grow: true,
      phone: 'title',
    },
    {
      id: 'module',
      title: t('module'),
      kind: 'text',
      value: ({ module }) => {
        const known = modules.find((one) => one === module);
        return { value: known === undefined ? module : t(`module_${known}`), tone: 'muted' };
      },
      width: 120,
      filter: {
        type: 'enum',
        options: modules.map((value) => ({ value, label: t(`module_${value}`) })),
      },
      narrow: 'hide',
    },
  ];
}

function restColumns(t: Words): readonly Column<EntryRow>[] {
  return [
    {
      id: 'object',
      title: t('object'),
      kind: 'link',
      value: (entry) => {
        const href = objectHref(entry);
        const value = entry.objectId.slice(-12);
        return href === undefined ? { value, tone: 'muted' } : { value, href };
      },
      width: 136,
      filter: { type: 'text' },
      narrow: 'hide',
    },
    {
      id: 'actorKind',
      title: t('actor_kind'),
      kind: 'text',
      value: ({ actorKind }) => ({ value: t(`kind_${actorKind}`), tone: 'muted' }),
      width: 110,
      filter: {
        type: 'enum',
        options: kinds.map((value) => ({ value, label: t(`kind_${value}`) })),
      },
      hidden: true,
    },
    {
      id: 'seq',
      title: t('seq'),
      kind: 'number',
      value: ({ seq }) => ({ value: seq, tone: 'muted' }),
      width: 96,
    },
  ];
}
