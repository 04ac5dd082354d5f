import { useWords } from '@plinth/ui/core';

import english from '../../../messages/en/transfers.json';

export function useInvoiceSteps(): readonly string[] {
  const t = useWords(english);
  return [t('step_file'), t('step_map'), t('step_check'), t('step_import')];
}

export function useCustomerSteps(): readonly string[] {
  const t = useWords(english);
  return [t('step_file'), t('step_map'), t('step_import')];
}
