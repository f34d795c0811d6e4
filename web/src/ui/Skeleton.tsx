/// Stands where something will be, in its size. `width` in units of 4 px, or all of it.
export const Skeleton = ({ width, height = 5 }: { width?: number; height?: number }) => (
  <span
    className="skeleton"
    aria-hidden="true"
    style={{ width: width === undefined ? "100%" : `${width / 4}rem`, height: `${height / 4}rem` }}
  />
);
