import { useRef, useState } from 'react';

import { Button } from '../core/button.tsx';
import { Icon } from '../core/icon.tsx';
import { useWords } from '../core/locale.tsx';
import english from '../messages/forms-en.json';

interface FileDropProps {
  /** As the input's `accept`: `.csv,text/csv`. */
  readonly accept: string;
  readonly bytesMax: number;
  readonly hint?: string | undefined;
  readonly busy?: boolean | undefined;
  onFile(file: File): void;
}

const bytesAMegabyte = 1_048_576;

/** A file by dropping, pasting or choosing. */
export function FileDrop({ accept, bytesMax, hint, busy, onFile }: FileDropProps) {
  const words = useWords(english);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const take = (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > bytesMax) {
      setFault(words('file_too_large', { n: Math.floor(bytesMax / bytesAMegabyte) }));
    } else if (fitsAccept(file, accept)) {
      setFault(undefined);
      onFile(file);
    } else setFault(words('file_wrong_type'));
  };
  return (
    <div
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files[0]);
      }}
      onPaste={(event) => take(event.clipboardData.files[0])}
    >
      <Icon name="file" />
      <p>{words('file_drop')}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          take(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        {words('file_choose')}
      </Button>
      {fault !== undefined ? (
        <p className="fault" role="alert">
          {fault}
        </p>
      ) : (
        hint !== undefined && <p className="hint">{hint}</p>
      )}
    </div>
  );
}

function fitsAccept({ name, type }: File, accept: string): boolean {
  return accept
    .split(',')
    .map((part) => part.trim())
    .some((part) => (part.startsWith('.') ? name.toLowerCase().endsWith(part) : part === type));
}
