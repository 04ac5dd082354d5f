export { alertRules, type AlertRule, renderRules, type Severity } from './alert-rules.ts';
export { renderDashboard, renderDashboards } from './dashboard.ts';
export { renderAlertTests } from './alert-tests.ts';
export { renderAlertmanager, type Alerting } from './alertmanager.ts';
