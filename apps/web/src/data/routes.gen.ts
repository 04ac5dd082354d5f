// Rendered from the contracts by `node scripts/render-routes.ts`.
import type { audit } from '@plinth/audit';
import type { customers } from '@plinth/customers';
import type { identity } from '@plinth/identity';
import type { invoicing } from '@plinth/invoicing';
import type { notifications } from '@plinth/notifications';
import type { payments } from '@plinth/payments';
import type { reporting } from '@plinth/reporting';

export type Modules = {
  readonly audit: typeof audit;
  readonly customers: typeof customers;
  readonly identity: typeof identity;
  readonly invoicing: typeof invoicing;
  readonly notifications: typeof notifications;
  readonly payments: typeof payments;
  readonly reporting: typeof reporting;
};

export const routes = {
  audit: {
    listEntries: 'GET /audit',
    summarizeEntries: 'GET /audit/summary',
    entryRows: 'GET /audit/rows',
    getEntry: 'GET /audit/:id',
    verifyChain: 'GET /audit/verify',
  },
  customers: {
    listCustomers: 'GET /customers',
    summarizeCustomers: 'GET /customers/summary',
    customerRows: 'GET /customers/rows',
    suggestCustomers: 'GET /customers/suggest',
    getCustomer: 'GET /customers/:id',
    getBalances: 'GET /customers/:id/balances',
    getStatement: 'GET /customers/:id/statement',
    createCustomer: 'POST /customers k',
    changeCustomer: 'PATCH /customers/:id vk',
    setContacts: 'PUT /customers/:id/contacts vk',
    archiveCustomer: 'POST /customers/:id/archive vk',
    restoreCustomer: 'POST /customers/:id/restore vk',
    exportCustomers: 'GET /customers/export s',
    uploadCustomers: 'POST /customers/imports u',
    startCustomersImport: 'POST /customers/imports/:id/start k',
    getCustomersImport: 'GET /customers/imports/:id',
    listCustomersImports: 'GET /customers/imports',
    rejectedCustomers: 'GET /customers/imports/:id/rejected s',
  },
  identity: {
    signIn: 'POST /session',
    signOut: 'DELETE /session',
    switchTenant: 'POST /session/tenant',
    whoAmI: 'GET /me',
    changeMe: 'PATCH /me k',
    changePassword: 'POST /me/password',
    enrolTotp: 'POST /me/totp',
    confirmTotp: 'POST /me/totp/confirm',
    removeTotp: 'POST /me/totp/remove',
    listSessions: 'GET /me/sessions',
    revokeSession: 'DELETE /me/sessions/:id',
    getPreferences: 'GET /me/preferences',
    setPreferences: 'PUT /me/preferences k',
    getCompany: 'GET /company',
    changeCompany: 'PATCH /company vk',
    listUsers: 'GET /users',
    summarizeUsers: 'GET /users/summary',
    userRows: 'GET /users/rows',
    changeRole: 'PATCH /users/:id vk',
    removeUser: 'DELETE /users/:id k',
    listInvitations: 'GET /invitations',
    inviteUser: 'POST /invitations',
    revokeInvitation: 'DELETE /invitations/:id k',
    acceptInvitation: 'POST /invitations/accept',
    listApiKeys: 'GET /api-keys',
    createApiKey: 'POST /api-keys',
    revokeApiKey: 'DELETE /api-keys/:id k',
  },
  invoicing: {
    listInvoices: 'GET /invoices',
    summarizeInvoices: 'GET /invoices/summary',
    rowsOfInvoices: 'GET /invoices/rows',
    exportInvoices: 'GET /invoices/export s',
    getInvoice: 'GET /invoices/:id',
    createDraft: 'POST /invoices k',
    changeDraft: 'PATCH /invoices/:id vk',
    deleteDraft: 'DELETE /invoices/:id vk',
    issueInvoice: 'POST /invoices/:id/issue vk',
    voidInvoice: 'POST /invoices/:id/void vk',
    creditInvoice: 'POST /invoices/:id/credit vk',
    duplicateInvoice: 'POST /invoices/:id/duplicate k',
    issueInvoices: 'POST /invoices/batch/issue k',
    deleteDrafts: 'POST /invoices/batch/delete k',
    listSeries: 'GET /number-series',
    openRange: 'GET /invoices/range',
    uploadImport: 'POST /invoices/imports ku',
    runImport: 'POST /invoices/imports/:id/run k',
    getImport: 'GET /invoices/imports/:id',
    listImports: 'GET /invoices/imports',
    exportImportErrors: 'GET /invoices/imports/:id/errors s',
    exportImportRejects: 'GET /invoices/imports/:id/rejects s',
  },
  notifications: {
    listNotices: 'GET /notices',
    summarizeNotices: 'GET /notices/summary',
    noticeRows: 'GET /notices/rows',
    countUnread: 'GET /notices/unread',
    markRead: 'POST /notices/:id/read k',
    markAllRead: 'POST /notices/read k',
    getNoticePreferences: 'GET /notices/preferences',
    setNoticePreferences: 'PUT /notices/preferences k',
  },
  payments: {
    listPayments: 'GET /payments',
    summarizePayments: 'GET /payments/summary',
    rowsOfPayments: 'GET /payments/rows',
    exportPayments: 'GET /payments/export s',
    listOpenItems: 'GET /payments/open-items',
    getPayment: 'GET /payments/:id',
    recordPayment: 'POST /payments k',
    allocatePayment: 'POST /payments/:id/allocate vk',
    unallocatePayment: 'POST /payments/:id/unallocate vk',
    refundPayment: 'POST /payments/:id/refund vk',
  },
  reporting: {
    getDashboard: 'GET /reports/dashboard',
    agedReceivables: 'GET /reports/aged',
    revenueByMonth: 'GET /reports/revenue',
    cashForecast: 'GET /reports/forecast',
    exportAged: 'GET /reports/aged/export s',
    exportRevenue: 'GET /reports/revenue/export s',
    exportTaxRates: 'GET /reports/revenue/tax-rates/export s',
    exportForecast: 'GET /reports/forecast/export s',
  },
};
