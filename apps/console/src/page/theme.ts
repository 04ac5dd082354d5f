/** From what is seen to the other. */
export function switchTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset['theme'] === 'dark' ||
    (dataset['theme'] !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  dataset['theme'] = isDark ? 'light' : 'dark';
}
