import type { ComponentChildren } from './children.ts';
import { Icon } from './icon.tsx';

interface HeadProps {
  readonly title: string;
  /** Beside the title, muted: how many. */
  readonly count?: ComponentChildren;
  /** Chips, avatars, a segment: what belongs to the title. */
  readonly children?: ComponentChildren;
  /** Buttons, the primary one last. */
  readonly actions?: ComponentChildren;
  readonly crumbs?: readonly { readonly label: string; readonly href: string }[] | undefined;
  /** The title is a number of a document. */
  readonly numeric?: boolean | undefined;
}

/** The page's head with its one `h1`, which gets the focus after a change of page. */
export function Head({ title, count, children, actions, crumbs, numeric }: HeadProps) {
  return (
    <>
      {crumbs !== undefined && (
        <nav className="crumb" aria-label="Breadcrumb">
          {crumbs.map(({ label, href }, at) => (
            <span key={href} className="crumb">
              {at > 0 && <Icon name="right" />}
              <a href={href}>{label}</a>
            </span>
          ))}
        </nav>
      )}
      <div className="head">
        <h1 tabIndex={-1} className={numeric === true ? 'num' : undefined}>
          {title}
        </h1>
        {count !== undefined && <span className="count num">{count}</span>}
        {children}
        {actions !== undefined && <div className="acts">{actions}</div>}
      </div>
    </>
  );
}
