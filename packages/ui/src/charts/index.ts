export { AgeBar, type AgeBucket, AgeKey, Spark } from './age-bar.tsx';
export { type Bar, Bars } from './bars.tsx';
