"""The search index: words of videos, of whole transcripts, and of single cues.

Two levels, so that a search stays quick with millions of cues: one document for each transcript decides which videos match,
and only within those few the cues are looked at. The tables are kept by triggers, so that every path that writes videos or
captions keeps them true; whole transcripts are written by webinars.archive.search.index_track.

A later migration that makes SQLite copy videos, cues, chapters, video_speakers or speakers (batch mode) loses the triggers
of that table and has to create them again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TOKENS = "tokenize='porter unicode61 remove_diacritics 2'"

_SQLITE_TABLES = (
    f"CREATE VIRTUAL TABLE search_videos USING fts5(title, people, summary, description, {_TOKENS})",
    f"CREATE VIRTUAL TABLE search_tracks USING fts5(transcript, {_TOKENS})",
    "CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_tracks, 'row')",
    f"CREATE VIRTUAL TABLE search_cues USING fts5(text, content='cues', content_rowid='id', {_TOKENS})",
)

_SQLITE_PEOPLE = """
    coalesce((SELECT group_concat(s.name, ' ') FROM video_speakers p JOIN speakers s ON s.id = p.speaker_id
              WHERE p.video_id = {video}), '')
    || ' ' || coalesce((SELECT group_concat(c.title, ' ') FROM chapters c WHERE c.video_id = {video}), '')"""


def _sqlite_people(name: str, deed: str, row: str) -> str:
    people = _SQLITE_PEOPLE.format(video=f"{row}.video_id")
    return f"""CREATE TRIGGER {name} AFTER {deed} BEGIN
        UPDATE search_videos SET people = {people} WHERE rowid = {row}.video_id; END"""


_SQLITE_TRIGGERS = (
    """CREATE TRIGGER search_videos_insert AFTER INSERT ON videos BEGIN
        INSERT INTO search_videos (rowid, title, people, summary, description)
        VALUES (new.id, new.title, '', new.summary, new.description); END""",
    """CREATE TRIGGER search_videos_update AFTER UPDATE OF title, summary, description ON videos BEGIN
        UPDATE search_videos SET title = new.title, summary = new.summary, description = new.description
        WHERE rowid = new.id; END""",
    "CREATE TRIGGER search_videos_delete AFTER DELETE ON videos BEGIN DELETE FROM search_videos WHERE rowid = old.id; END",
    _sqlite_people("search_people_insert", "INSERT ON video_speakers", "new"),
    _sqlite_people("search_people_delete", "DELETE ON video_speakers", "old"),
    _sqlite_people("search_chapters_insert", "INSERT ON chapters", "new"),
    _sqlite_people("search_chapters_update", "UPDATE OF title ON chapters", "new"),
    _sqlite_people("search_chapters_delete", "DELETE ON chapters", "old"),
    f"""CREATE TRIGGER search_speakers_update AFTER UPDATE OF name ON speakers BEGIN
        UPDATE search_videos SET people = {_SQLITE_PEOPLE.format(video="search_videos.rowid")}
        WHERE rowid IN (SELECT video_id FROM video_speakers WHERE speaker_id = new.id); END""",
    """CREATE TRIGGER search_tracks_delete AFTER DELETE ON caption_tracks BEGIN
        DELETE FROM search_tracks WHERE rowid = old.id; END""",
    """CREATE TRIGGER search_cues_insert AFTER INSERT ON cues BEGIN
        INSERT INTO search_cues (rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER search_cues_update AFTER UPDATE OF text ON cues BEGIN
        INSERT INTO search_cues (search_cues, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_cues (rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER search_cues_delete AFTER DELETE ON cues BEGIN
        INSERT INTO search_cues (search_cues, rowid, text) VALUES ('delete', old.id, old.text); END""",
)

_SQLITE_NAMES = (
    "search_videos_insert", "search_videos_update", "search_videos_delete", "search_people_insert", "search_people_delete",
    "search_chapters_insert", "search_chapters_update", "search_chapters_delete", "search_speakers_update",
    "search_tracks_delete", "search_cues_insert", "search_cues_update", "search_cues_delete",
)  # fmt: skip

# Accents are taken off here and not by the extension unaccent, which may be missing and needs rights to install.
# Words are indexed as written and without accents, because the stemmer takes "medicación" and "medicacion" for two words.
# Hyphens, dots and the like become spaces, so that the parser sees words and neither hosts nor file names.
_POSTGRESQL_FUNCTIONS = (
    r"""CREATE FUNCTION search_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT regexp_replace(normalize(translate($1, '-./:@_+\', '        '), NFD), '[\u0300-\u036f]', '', 'g') $$""",
    r"""CREATE FUNCTION search_words(language text, words text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT to_tsvector(config, plain)
               || CASE WHEN search_fold(plain) = plain THEN ''::tsvector ELSE to_tsvector(config, search_fold(plain)) END
        FROM (SELECT translate($2, '-./:@_+\', '        ') AS plain,
                     CASE left($1, 2) WHEN 'en' THEN 'english' WHEN 'es' THEN 'spanish' ELSE 'simple' END::regconfig AS config
             ) AS asked $$""",
    """CREATE FUNCTION search_index_video(wanted bigint) RETURNS void LANGUAGE sql AS $$
        INSERT INTO search_videos (video_id, words)
        SELECT v.id,
               setweight(search_words(v.language, v.title) || to_tsvector('simple', search_fold(v.title)), 'A')
               || setweight(to_tsvector('simple', search_fold(coalesce(people.names, ''))), 'B')
               || setweight(search_words(v.language, coalesce(parts.titles, '')), 'B')
               || setweight(search_words(v.language, v.summary), 'C')
               || setweight(search_words(v.language, v.description), 'D')
        FROM videos v,
             LATERAL (SELECT string_agg(s.name, ' ') AS names FROM video_speakers p JOIN speakers s ON s.id = p.speaker_id
                      WHERE p.video_id = v.id) AS people,
             LATERAL (SELECT string_agg(c.title, ' ') AS titles FROM chapters c WHERE c.video_id = v.id) AS parts
        WHERE v.id = $1
        ON CONFLICT (video_id) DO UPDATE SET words = excluded.words $$""",
    """CREATE FUNCTION search_video_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM search_index_video(new.id); RETURN NULL; END $$""",
    """CREATE FUNCTION search_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM search_index_video(CASE WHEN tg_op = 'DELETE' THEN old.video_id ELSE new.video_id END);
          RETURN NULL;
        END $$""",
    """CREATE FUNCTION search_speaker_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM search_index_video(p.video_id) FROM video_speakers p WHERE p.speaker_id = new.id;
          RETURN NULL;
        END $$""",
    """CREATE FUNCTION search_cues_come() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO search_cues (track_id, cue_id, words)
          SELECT track_id, id, search_words(language, text) FROM fresh
          ON CONFLICT (track_id, cue_id) DO UPDATE SET words = excluded.words;
          RETURN NULL;
        END $$""",
    """CREATE FUNCTION search_cues_go() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM search_cues s USING gone g WHERE s.track_id = g.track_id AND s.cue_id = g.id;
          RETURN NULL;
        END $$""",
)

_POSTGRESQL_TABLES = (
    """CREATE TABLE search_videos (
        video_id bigint PRIMARY KEY REFERENCES videos ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX search_videos_words ON search_videos USING gin (words)",
    """CREATE TABLE search_tracks (
        track_id bigint PRIMARY KEY REFERENCES caption_tracks ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX search_tracks_words ON search_tracks USING gin (words)",
    """CREATE TABLE search_cues (
        track_id bigint NOT NULL REFERENCES caption_tracks ON DELETE CASCADE, cue_id bigint NOT NULL,
        words tsvector NOT NULL, PRIMARY KEY (track_id, cue_id))""",
)

_POSTGRESQL_TRIGGERS = (
    """CREATE TRIGGER search_videos_change AFTER INSERT OR UPDATE OF title, summary, description, language ON videos
        FOR EACH ROW EXECUTE FUNCTION search_video_changed()""",
    """CREATE TRIGGER search_people_change AFTER INSERT OR DELETE ON video_speakers
        FOR EACH ROW EXECUTE FUNCTION search_part_changed()""",
    """CREATE TRIGGER search_chapters_change AFTER INSERT OR DELETE OR UPDATE OF title ON chapters
        FOR EACH ROW EXECUTE FUNCTION search_part_changed()""",
    """CREATE TRIGGER search_speakers_change AFTER UPDATE OF name ON speakers
        FOR EACH ROW EXECUTE FUNCTION search_speaker_changed()""",
    """CREATE TRIGGER search_cues_insert AFTER INSERT ON cues REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION search_cues_come()""",
    """CREATE TRIGGER search_cues_update AFTER UPDATE ON cues REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION search_cues_come()""",
    """CREATE TRIGGER search_cues_delete AFTER DELETE ON cues REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION search_cues_go()""",
)

_POSTGRESQL_NAMES = (
    ("search_videos_change", "videos"), ("search_people_change", "video_speakers"), ("search_chapters_change", "chapters"),
    ("search_speakers_change", "speakers"), ("search_cues_insert", "cues"), ("search_cues_update", "cues"),
    ("search_cues_delete", "cues"),
)  # fmt: skip

_SQLITE_FILL = (
    f"""INSERT INTO search_videos (rowid, title, people, summary, description)
        SELECT videos.id, title, {_SQLITE_PEOPLE.format(video="videos.id")}, summary, description FROM videos""",
    """INSERT INTO search_tracks (rowid, transcript)
        SELECT track_id, group_concat(text, ' ') FROM (SELECT * FROM cues ORDER BY track_id, start_ms, id) GROUP BY track_id""",
    "INSERT INTO search_cues (search_cues) VALUES ('rebuild')",
)

_POSTGRESQL_FILL = (
    "SELECT search_index_video(id) FROM videos",
    """INSERT INTO search_tracks (track_id, words)
        SELECT track_id, search_words(max(language), string_agg(text, ' ' ORDER BY start_ms, id)) FROM cues GROUP BY track_id""",
    "INSERT INTO search_cues (track_id, cue_id, words) SELECT track_id, id, search_words(language, text) FROM cues",
)


def upgrade() -> None:
    """Make the index and fill it from what is there."""
    if op.get_bind().dialect.name == "sqlite":
        statements = (*_SQLITE_TABLES, *_SQLITE_FILL, *_SQLITE_TRIGGERS)
    else:
        statements = (*_POSTGRESQL_TABLES, *_POSTGRESQL_FUNCTIONS, *_POSTGRESQL_FILL, *_POSTGRESQL_TRIGGERS)
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Drop the index; nothing is lost, since all of it is derived."""
    if op.get_bind().dialect.name == "sqlite":
        statements = [*(f"DROP TRIGGER {name}" for name in _SQLITE_NAMES), "DROP TABLE search_terms"]
    else:
        statements = [f"DROP TRIGGER {name} ON {table}" for name, table in _POSTGRESQL_NAMES]
    statements += [f"DROP TABLE {name}" for name in ("search_cues", "search_tracks", "search_videos")]
    if op.get_bind().dialect.name != "sqlite":
        names = ("search_cues_go()", "search_cues_come()", "search_speaker_changed()", "search_part_changed()",
                 "search_video_changed()", "search_index_video(bigint)", "search_words(text, text)", "search_fold(text)")  # fmt: skip
        statements += [f"DROP FUNCTION {name}" for name in names]
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
