import { Button, type ComponentChildren, Dialog, useLocale } from '@plinth/ui/core';
import { FormFaults, type FormState } from '@plinth/ui/forms';

interface FormDialogProps {
  readonly form: FormState;
  readonly title: string;
  /** What sending it does. */
  readonly action: string;
  readonly danger?: boolean;
  readonly children: ComponentChildren;
  onClose(): void;
}

/** A dialog that is one form: what is wrong, its fields, and the two answers. */
export function FormDialog(props: FormDialogProps) {
  const { form, title, action, danger = false, children, onClose } = props;
  const { words } = useLocale();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => form.submit()}
      footer={
        <>
          <Button onClick={onClose}>{words('cancel')}</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} busy={form.busy}>
            {action}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormFaults form={form} />
        {children}
      </div>
    </Dialog>
  );
}
