import { lazy, Suspense, useEffect } from 'react';

const Commands = lazy(async () => {
  const module = await import('./commands.tsx');
  return { default: module.Commands };
});

interface PaletteGateProps {
  readonly open: boolean;
  onOpen(open: boolean): void;
}

/** Ctrl or ⌘ K: the palette's code comes with its first use. */
export function PaletteGate({ open, onOpen }: PaletteGateProps) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      onOpen(true);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [onOpen]);
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      <Commands onClose={() => onOpen(false)} />
    </Suspense>
  );
}
