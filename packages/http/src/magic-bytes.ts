const signatures: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'application/pdf': [[0x25, 0x50, 0x44, 0x46, 0x2d]],
  'image/png': [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  'image/jpeg': [[0xff, 0xd8, 0xff]],
  'image/gif': [[0x47, 0x49, 0x46, 0x38]],
  'application/zip': [[0x50, 0x4b, 0x03, 0x04]],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': [[0x50, 0x4b, 0x03, 0x04]],
};

/** False for a file whose first bytes are not those of its type. Text has no signature; it has no NUL either. */
export function looksLike(type: string, first: Uint8Array): boolean {
  const known = signatures[type];
  if (known !== undefined) {
    return known.some((bytes) => bytes.every((byte, index) => first[index] === byte));
  }
  const isText = type.startsWith('text/') || /[/+](?:json|xml)$/u.test(type);
  if (!isText) return true;
  const isUtf16 =
    (first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff);
  return isUtf16 || !first.includes(0);
}
