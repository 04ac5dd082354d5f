export const outcomeTone = { ok: 'ok', problem: 'warn', error: 'danger' } as const;
export const outcomeGlyph = { ok: 'settled', problem: 'overdue', error: 'failed' } as const;
