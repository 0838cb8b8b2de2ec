// @ts-check
import { command } from '../src/command.js'
import { dataDirectory } from '../src/config.js'
import { openDatabase } from '../src/database.js'
import { migrate, readMigrations } from '../src/migrations.js'

await command(() => {
  const database = openDatabase(dataDirectory(process.env))
  try {
    migrate(database, readMigrations(), console.log)
  } finally {
    database.close()
  }
})
