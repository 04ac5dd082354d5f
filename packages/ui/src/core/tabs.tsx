export interface TabLink {
  readonly href: string;
  readonly label: string;
  /** Muted, after the label. */
  readonly count?: string | undefined;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly TabLink[];
  /** The `href` of the present one. */
  readonly current: string;
}

/** Views of a page. Each is a link, since which one is open stands in the URL. */
export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ href, label: text, count }) => (
        <a key={href} href={href} aria-current={href === current ? 'true' : undefined}>
          {text}
          {count !== undefined && <span className="muted num">{count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** A small choice among two to five links: currencies of a dashboard. */
export function Segment({ label, tabs, current }: TabsProps) {
  return (
    <nav className="seg" aria-label={label}>
      {tabs.map(({ href, label: text }) => (
        <a key={href} href={href} aria-current={href === current ? 'true' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
