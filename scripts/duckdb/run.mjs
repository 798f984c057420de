// Runs one statement of DuckDB in the current folder and prints its rows, a JSON array a line.
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create()).connect();
const reader = await connection.runAndReadAll(process.argv[2]);
for (const row of reader.getRowsJson()) console.log(JSON.stringify(row));
