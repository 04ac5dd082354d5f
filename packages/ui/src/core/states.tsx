import { Component, type ErrorInfo, useEffect, useState } from 'react';

import { Problem } from '@plinth/core/problem';

import { Button } from './button.tsx';
import type { ComponentChildren } from './children.ts';
import { Icon, type IconName } from './icon.tsx';
import { useLocale } from './locale.tsx';

interface SkeletonProps {
  /** Lines of the final geometry. */
  readonly lines?: number | undefined;
}

const slowMs = 5_000;
const stuckMs = 20_000;

/** Shown after 150 ms: what is faster does not flicker. After 5 s it says so, after 20 s it offers to try again. */
export function Skeleton({ lines = 3 }: SkeletonProps) {
  const { words } = useLocale();
  const [stage, setStage] = useState<'loading' | 'slow' | 'stuck'>('loading');
  useEffect(() => {
    const timers = [
      setTimeout(() => setStage('slow'), slowMs),
      setTimeout(() => setStage('stuck'), stuckMs),
    ];
    return () => timers.forEach((timer) => clearTimeout(timer));
  }, []);
  return (
    <div role="status" aria-label={stage === 'loading' ? words('loading') : undefined}>
      <div className="skeleton">
        {Array.from({ length: lines }, (_, at) => (
          <span key={at} />
        ))}
      </div>
      {stage !== 'loading' && <p className="muted text-center">{words(stage)}</p>}
      {stage === 'stuck' && (
        <div className="acts flex justify-center">
          <Button onClick={() => location.reload()}>{words('retry')}</Button>
        </div>
      )}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly icon?: IconName | undefined;
  /** One primary action, perhaps a second. */
  readonly actions?: ComponentChildren;
}

/** First use, or nothing under a filter: one sentence and what to do. */
export function Empty({ title, children, icon, actions }: EmptyProps) {
  return (
    <div className="blank">
      {icon !== undefined && <Icon name={icon} />}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="acts">{actions}</div>}
    </div>
  );
}

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly title?: string | undefined;
}

/** One panel's failure: the reason, the request's id to copy, Retry. The rest of the page lives on. */
export function ErrorState({ error, onRetry, title }: ErrorStateProps) {
  const { words } = useLocale();
  const problem = Problem.from(error);
  const request = problem.context?.['request'];
  return (
    <div className="blank" role="alert">
      <Icon name="alert" tone="danger" />
      <h2>{title ?? words('failed')}</h2>
      <p>{problem.message}</p>
      {typeof request === 'string' && (
        <p className="mono">
          <button
            type="button"
            className="link"
            title={words('copy_id')}
            onClick={() => void navigator.clipboard.writeText(request)}
          >
            {words('request_id', { id: request })}
          </button>
        </p>
      )}
      {onRetry !== undefined && (
        <div className="acts">
          <Button onClick={onRetry}>{words('retry')}</Button>
        </div>
      )}
    </div>
  );
}

interface BoundaryProps {
  readonly children: ComponentChildren;
  /** Draws in place of what failed. */
  fallback(error: unknown, retry: () => void): ComponentChildren;
  readonly onError?: ((error: unknown, stack: string) => void) | undefined;
}

/** A crash below it stays below it. */
export class Boundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    this.props.onError?.(error, info.componentStack ?? '');
  }

  override render(): ComponentChildren {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return this.props.fallback(error, () => this.setState({ error: undefined }));
  }
}

type NoteTone = 'plain' | 'warn' | 'danger' | 'ok';

interface NoteProps {
  readonly children: ComponentChildren;
  readonly tone?: NoteTone | undefined;
  readonly action?: ComponentChildren;
}

/** A sentence that stands in the page: a warning, a reason, the state of the connection. */
export function Note({ children, tone = 'plain', action }: NoteProps) {
  return (
    <div className={`note ${tone}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={tone === 'ok' ? 'check' : 'alert'} />
      <div className="grow">{children}</div>
      {action}
    </div>
  );
}
