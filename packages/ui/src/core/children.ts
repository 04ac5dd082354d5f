import type { ReactNode } from 'react';

/** What stands between a component's tags. */
export type ComponentChildren = ReactNode;
