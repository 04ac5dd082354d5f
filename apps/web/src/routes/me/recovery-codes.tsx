import { Button, Dialog, useToast, useWords } from '@plinth/ui/core';

import english from '../../../messages/en/totp.json';

interface RecoveryProps {
  readonly codes: readonly string[];
  onClose(): void;
}

/** Shown once: to be copied or saved. */
export function RecoveryCodes({ codes, onClose }: RecoveryProps) {
  const t = useWords(english);
  const toast = useToast();
  const text = `${codes.join('\n')}\n`;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast({ text: t('copied') });
  };
  return (
    <Dialog
      title={t('codes_title')}
      onClose={onClose}
      footer={
        <>
          <Button icon="export" onClick={() => saveText(text)}>
            {t('save_file')}
          </Button>
          <Button icon="copy" onClick={() => void copy()}>
            {t('copy')}
          </Button>
          <Button look="primary" onClick={onClose}>
            {t('close')}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <p>{t('codes_text')}</p>
        <ol className="well mono grid grid-cols-2 gap-2">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
    </Dialog>
  );
}

function saveText(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'plinth-recovery-codes.txt';
  link.click();
  URL.revokeObjectURL(url);
}
