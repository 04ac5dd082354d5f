/** How a value travels: to the server as text, back from it as text. */
export interface Codec<value> {
  /** The server's name of the type, as `format_type` prints it: what the check compares. */
  readonly type: string;
  readonly nullable: boolean;
  /** @throws {Problem} `postgres.bad_input` for what the server would refuse. */
  encode(value: value): string | null;
  decode(text: string): value;
}
// oxlint-disable-next-line typescript/no-explicit-any -- a codec of any value; In and Out give each its own type back
export type Codecs = Readonly<Record<string, Codec<any>>>;
type ValueOf<codec> = codec extends Codec<infer value> ? value : never;
export type In<codecs extends Codecs> = { readonly [name in keyof codecs]: ValueOf<codecs[name]> };
export type Out<codecs extends Codecs> = { [name in keyof codecs]: ValueOf<codecs[name]> };
