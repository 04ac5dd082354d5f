import { Upload } from './upload.tsx';
import { useInvoiceSteps } from './steps.ts';

export function Page() {
  return <Upload kind="invoices" steps={useInvoiceSteps()} />;
}
