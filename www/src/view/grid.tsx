// A table as screen readers know it, made of plain boxes: the rows of a real table cannot be placed one by one, which
// a list that holds only the rows in sight has to do. The focus lies on the buttons in it.

import type { ComponentProps, JSX } from "preact";

type Box = ComponentProps<"div">;

const box =
  (role: "grid" | "rowgroup" | "row" | "columnheader" | "gridcell") =>
  (attributes: Box): JSX.Element => <div role={role} {...attributes} />;

export const Grid = box("grid");
export const RowGroup = box("rowgroup");
export const Row = box("row");
export const ColumnHead = box("columnheader");
export const GridCell = box("gridcell");
