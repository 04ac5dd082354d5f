import { createContext, lazy, Suspense, useCallback, useContext, useRef, useState } from 'react';

import type { ComponentChildren } from './children.ts';
import type { Shown, Toast } from './toasts.tsx';

const toastsMax = 3;
const Toasts = lazy(async () => {
  const module = await import('./toasts.tsx');
  return { default: module.Toasts };
});

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Shows a short message at the corner; of more than three the oldest goes. F8 moves the focus to them. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ComponentChildren }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const next = useRef(0);
  const dismiss = useCallback(
    (id: number) => setShown((list) => list.filter((toast) => toast.id !== id)),
    [],
  );
  const show = useCallback((toast: Toast) => {
    next.current += 1;
    const added = { ...toast, id: next.current };
    setShown((list) => [...list, added].slice(-toastsMax));
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      {shown.length > 0 && (
        <Suspense fallback={null}>
          <Toasts shown={shown} dismiss={dismiss} />
        </Suspense>
      )}
    </ToastContext.Provider>
  );
}
