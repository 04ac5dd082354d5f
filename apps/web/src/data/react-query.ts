import { QueryClient, QueryObserver, type QueryObserverOptions } from '@tanstack/query-core';
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';

// What stands behind `@tanstack/react-query` in the build: vite.config.ts says why.
export { QueryClient };

const ClientContext = createContext<QueryClient | undefined>(undefined);

interface ProviderProps {
  readonly client: QueryClient;
  readonly children?: ReactNode;
}

export function QueryClientProvider({ client, children }: ProviderProps) {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** @throws {TypeError} outside a `QueryClientProvider`. */
export function useQueryClient(): QueryClient {
  const client = useContext(ClientContext);
  if (client === undefined) throw new TypeError('useQuery needs a QueryClientProvider above it');
  return client;
}

/** Observes one query: the component is drawn again when its state changes. */
export function useQuery<answer, fault, shown>(
  options: QueryObserverOptions<answer, fault, shown>,
) {
  const client = useQueryClient();
  const [observer] = useState(() => new QueryObserver(client, options));
  useEffect(() => observer.setOptions(options));
  const [subscribe] = useState(() => (tell: () => void) => observer.subscribe(tell));
  useSyncExternalStore(subscribe, () => observer.getCurrentResult());
  return observer.getOptimisticResult(client.defaultQueryOptions(options));
}
