/**
 * Functions of Postgres that change nothing but what the statement around them changes, or only the session
 * and the position of a sequence. Whatever is missing here is unknown, which is the safe side.
 */
export const knownFunctions: ReadonlySet<string> = new Set(
  `
  abs age any_value array_agg array_append array_cat array_length array_lower array_position
  array_prepend array_remove array_replace array_to_json array_to_string array_upper avg bit_and
  bit_or bool bool_and bool_or bpchar btrim cardinality ceil ceiling char_length character_length chr
  coalesce concat concat_ws convert_from convert_to count crc32 cume_dist current_database
  current_schema current_schemas current_setting currval date date_bin date_part date_trunc decode
  dense_rank digest div encode every exp extract first_value float4 float8 floor format format_type
  gen_random_bytes gen_random_uuid gen_salt generate_series get_byte greatest has_table_privilege
  hashtext host hstore initcap int2 int4 int8 interval isfinite json_agg json_array_elements
  json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_keys
  json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_agg jsonb_array_elements
  jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
  jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
  jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_path_query_array
  jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
  jsonb_to_recordset jsonb_typeof justify_days justify_hours justify_interval lag last_value lastval
  lead least left length ln localtimestamp log lower lpad ltree2text ltrim make_date make_interval
  make_time make_timestamp make_timestamptz max md5 min mod nextval nlevel now nth_value ntile nullif
  num_nonnulls num_nulls numeric octet_length overlay percent_rank percentile_cont percentile_disc
  pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock pg_get_constraintdef pg_get_expr
  pg_get_indexdef pg_get_serial_sequence pg_input_is_valid pg_relation_size pg_size_pretty pg_sleep
  pg_table_is_visible pg_total_relation_size pg_try_advisory_lock pg_try_advisory_xact_lock pg_typeof
  phraseto_tsquery plainto_tsquery position power quote_ident quote_literal quote_nullable random rank
  regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
  regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right round
  row_number row_to_json rpad rtrim set_config setseed setval setweight sha224 sha256 sha384 sha512
  sign similarity split_part sqrt starts_with statement_timestamp stddev string_agg string_to_array
  string_to_table strip strpos subltree subpath substr substring sum text text2ltree timestamp
  timestamptz timezone to_char to_date to_hex to_json to_jsonb to_number to_regclass to_regtype
  to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim trunc ts_rank unaccent
  unnest upper uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuid_generate_v5 uuid_in uuidv4
  uuidv7 varchar variance version websearch_to_tsquery width_bucket xmlagg
  `
    .trim()
    .split(/\s+/),
)
