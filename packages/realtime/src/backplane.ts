/** A message on its way to the readers of all processes. */
export interface Message {
  readonly channel: string;
  readonly key: string | null;
  readonly body: unknown;
  readonly position: string | undefined;
  readonly except: string | undefined;
}

/** A message with its place in the stream that all processes share. Offsets rise, and may have gaps. */
export interface Placed {
  readonly offset: number;
  readonly message: Message;
  /** Its own process has shown it to its readers already, while it could not be sent. */
  readonly isShown: boolean;
}

export type Who = { readonly session: string } | { readonly user: string };

/** What a backplane tells the process that follows it. */
export interface Follower {
  /**
   * The stream as it is now; said first, and again whenever what was read before cannot be trusted to be whole.
   *
   * @param window its newest messages, oldest first: all behind the first of them.
   */
  begin(epoch: string, window: readonly Placed[]): void;
  receive(placed: Placed): void;
  /** A message of this process that waits for the stream: for its own readers now. */
  show(message: Message): void;
  revoke(who: Who, why: 'revoked' | 'expired'): void;
  /** Some message was lost on the way: all ask again. */
  reset(): void;
}

/** Carries messages between processes, and keeps the newest for readers that come back. */
export interface Backplane {
  follow(follower: Follower): void;
  /** Resolves when it is in the stream, or waits for it: never rejects. */
  append(message: Message): Promise<void>;
  revoke(who: Who, why: 'revoked' | 'expired'): Promise<void>;
  /** Whether it is connected. */
  readonly isUp: boolean;
  /** Since the last message was appended until it was read here, in ms. */
  readonly lagMs: number;
  stop(): Promise<void>;
}
