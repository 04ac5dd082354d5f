export { type ComboOption, ComboField } from './combo-field.tsx';
export { DateField } from './date-field.tsx';
export { type Field, FieldFrame, type FieldProps, useField } from './field.tsx';
export {
  CheckField,
  type Choice,
  NumberField,
  RadioField,
  SelectField,
  TextArea,
  TextField,
} from './fields.tsx';
export { FileDrop } from './file-drop.tsx';
export { Form, FormFaults } from './form.tsx';
export { type LineColumn, LinesTable } from './lines-table.tsx';
export { MoneyField } from './money-field.tsx';
export { type FormOptions, type Form as FormState, type SaveContext, useForm } from './use-form.ts';
