export { Button, ButtonLink, IconButton } from './button.tsx';
export type { ComponentChildren } from './children.ts';
export { Avatar, Chip, LiveDot, type Tone } from './chip.tsx';
export { Confirm, Dialog } from './dialog.tsx';
export { Glyph, type GlyphName, Icon, type IconName } from './icon.tsx';
export { type Locale, LocaleProvider, Money, useLocale, useWords } from './locale.tsx';
export { Menu, type MenuEntry, type MenuItem, MenuList } from './menu.tsx';
export {
  Facts,
  Head,
  Panel,
  Steps,
  Tile,
  Timeline,
  type TimelineEvent,
} from './page.tsx';
export { placeBeside } from './place.ts';
export { Popover } from './popover.tsx';
export { Boundary, Empty, ErrorState, Note, Skeleton } from './states.tsx';
export { Meter, PayLine, Progress, Segment, type TabLink, Tabs } from './tabs.tsx';
export { type Toast, ToastProvider, useToast } from './toast.tsx';
