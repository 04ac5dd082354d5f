import { useCustomerSteps } from './steps.ts';
import { Upload } from './upload.tsx';

export function Page() {
  return <Upload kind="customers" steps={useCustomerSteps()} />;
}
