import type { Mix } from '@plinth/load';

const keptList = '/v1/invoices?f=status:in:issued,partly-paid&sort=-issueDate&limit=50';
const draftBody = {
  customerId: '{customer}',
  lines: [
    { description: 'Consulting', quantity: '7.5', unitPriceMinor: 12_000, taxPpm: 190_000 },
    { description: 'Travel', quantity: '1', unitPriceMinor: 4_250, taxPpm: 190_000 },
  ],
} as const;
const draftStep = {
  name: 'create draft',
  route: '/v1/invoices',
  method: 'POST',
  path: '/v1/invoices',
  body: draftBody,
  expect: [201],
  class: 'write',
  keyed: true,
  save: { draft: '/id', draftVersion: '/version' },
} as const;

/** What people do all day, in the shares of the load lab's specification. Each path is one that the UI calls. */
export const mix: Mix = {
  name: 'invoicing',
  data: [
    { name: 'invoice', from: { path: keptList, pointer: '/items/*/id', pages: 10 } },
    { name: 'cursor', from: { path: keptList, pointer: '/next', pages: 20 } },
    {
      name: 'customer',
      from: { path: '/v1/customers?limit=200', pointer: '/items/*/id', pages: 5 },
    },
    {
      name: 'word',
      from: ['gmbh', 'smith', 'ltd', 'trade', 'north', 'art', 'house', 'star', 'mar', 'lin'],
    },
    {
      name: 'rank',
      from: ['0', '1200', '90', '40000', '600', '150000', '7500', '2500', '30', '18000'],
    },
  ],
  scenarios: [
    {
      name: 'list invoices',
      weight: 14,
      steps: [
        {
          name: 'list invoices first page',
          route: '/v1/invoices',
          method: 'GET',
          path: keptList,
          expect: [200, 304],
          class: 'read',
        },
      ],
    },
    {
      name: 'list further',
      weight: 6,
      steps: [
        {
          name: 'list invoices by cursor',
          route: '/v1/invoices',
          method: 'GET',
          path: `${keptList}&after={cursor}`,
          expect: [200],
          class: 'read',
        },
      ],
    },
    {
      name: 'jump',
      weight: 2,
      steps: [
        {
          name: 'list invoices window at depth',
          route: '/v1/invoices',
          method: 'GET',
          path: '/v1/invoices?sort=-issueDate&limit=100&rank={rank}',
          expect: [200],
          class: 'read',
        },
      ],
    },
    {
      name: 'open invoice',
      weight: 20,
      steps: [
        {
          name: 'get invoice',
          route: '/v1/invoices/:id',
          method: 'GET',
          path: '/v1/invoices/{invoice}',
          expect: [200, 304],
          class: 'read',
        },
      ],
    },
    {
      name: 'totals',
      weight: 1,
      steps: [
        {
          name: 'totals of a filter',
          route: '/v1/invoices/summary',
          method: 'GET',
          path: '/v1/invoices/summary?f=status:in:issued,partly-paid',
          expect: [200],
          class: 'report',
        },
      ],
    },
    {
      name: 'search',
      weight: 12,
      steps: [
        {
          name: 'search customers',
          route: '/v1/customers/suggest',
          method: 'GET',
          path: '/v1/customers/suggest?q={word}',
          expect: [200],
          class: 'read',
        },
      ],
    },
    {
      name: 'dashboard',
      weight: 10,
      steps: [
        {
          name: 'dashboard',
          route: '/v1/reports/dashboard',
          method: 'GET',
          path: '/v1/reports/dashboard',
          expect: [200, 304],
          class: 'report',
        },
      ],
    },
    {
      name: 'aged',
      weight: 2,
      steps: [
        {
          name: 'aged receivables',
          route: '/v1/reports/aged',
          method: 'GET',
          path: '/v1/reports/aged',
          expect: [200, 304],
          class: 'report',
        },
      ],
    },
    {
      name: 'issue',
      weight: 7,
      steps: [
        draftStep,
        {
          name: 'issue invoice',
          route: '/v1/invoices/:id/issue',
          method: 'POST',
          path: '/v1/invoices/{draft}/issue',
          headers: { 'if-match': '"{draftVersion}"' },
          body: {},
          expect: [200],
          class: 'write',
          keyed: true,
        },
      ],
    },
    {
      name: 'issue and be paid',
      weight: 6,
      steps: [
        draftStep,
        {
          name: 'issue invoice',
          route: '/v1/invoices/:id/issue',
          method: 'POST',
          path: '/v1/invoices/{draft}/issue',
          headers: { 'if-match': '"{draftVersion}"' },
          body: {},
          expect: [200],
          class: 'write',
          keyed: true,
          save: {
            gross: '/grossMinor',
            currency: '/currency',
            buyer: '/customerId',
            issuedOn: '/issueDate',
          },
        },
        {
          name: 'record and allocate payment',
          route: '/v1/payments',
          method: 'POST',
          path: '/v1/payments',
          body: {
            customerId: '{buyer}',
            receivedOn: '{issuedOn}',
            currency: '{currency}',
            amountMinor: '{gross}',
            method: 'transfer',
            allocate: { by: 'oldest-first' },
          },
          expect: [201],
          class: 'write',
          keyed: true,
        },
      ],
    },
    {
      name: 'edit draft',
      weight: 4,
      steps: [
        draftStep,
        {
          name: 'change draft',
          route: '/v1/invoices/:id',
          method: 'PATCH',
          path: '/v1/invoices/{draft}',
          headers: { 'if-match': '"{draftVersion}"' },
          body: { note: 'Agreed by telephone.', lines: draftBody.lines },
          expect: [200],
          class: 'write',
          keyed: true,
        },
      ],
    },
  ],
};
