// What speaks with the browser's database.

export { deleteDB, openDB } from "idb";
