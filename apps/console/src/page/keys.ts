import { useEffect } from 'react';

import { useRouter } from '@plinth/ui/router';

const pages: Readonly<Record<string, string>> = {
  o: '/',
  p: '/processes',
  d: '/database',
  m: '/messages',
  t: '/traces',
  a: '/alerts',
};

/** `g` and then the first letter of a page. */
export function useKeys(): void {
  const router = useRouter();
  useEffect(() => {
    let isGoing = false;
    const press = (event: KeyboardEvent) => {
      const target = event.target;
      const isTyping = target instanceof HTMLElement && target.matches('input, select, textarea');
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const href = pages[event.key];
      if (isGoing && href !== undefined) router.navigate(href);
      isGoing = event.key === 'g';
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [router]);
}
