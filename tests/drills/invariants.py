"""What must hold in the database after any kill, as SQL: each counts rows that are half of something."""

HALVES = {
    "case without its opening move": """
        SELECT count(*) FROM cases_case c WHERE NOT EXISTS (
            SELECT 1 FROM cases_stagechange s WHERE s.case_id = c.id AND s.move IN ('open', 'import'))""",
    "case that stands elsewhere than its last move": """
        SELECT count(*) FROM cases_case c WHERE c.stage <> (
            SELECT s.target FROM cases_stagechange s WHERE s.case_id = c.id ORDER BY s.id DESC LIMIT 1)""",
    "case without an event of its opening": """
        SELECT count(*) FROM cases_case c WHERE NOT EXISTS (
            SELECT 1 FROM audit_auditevent e WHERE e.subjects @> ARRAY[c.reference]
            AND e.action IN ('cases:case:open', 'exchange:import:record'))""",
    "event of a case that is not there": """
        SELECT count(*) FROM audit_auditevent e WHERE e.action = 'cases:case:open' AND NOT EXISTS (
            SELECT 1 FROM cases_case c WHERE e.subjects @> ARRAY[c.reference])""",
    "person whom nobody holds": """
        SELECT count(*) FROM persons_person p WHERE NOT EXISTS (
            SELECT 1 FROM persons_holding h WHERE h.person_id = p.id)""",
    "person recorded on a page without a name": """
        SELECT count(*) FROM persons_person p WHERE p.source = 'kalkan' AND NOT EXISTS (
            SELECT 1 FROM persons_personname n WHERE n.person_id = p.id)""",
    "sealed row of a person without a key": """
        SELECT count(*) FROM persons_person p WHERE p.wrapped_key IS NULL AND (
            EXISTS (SELECT 1 FROM persons_personname n WHERE n.person_id = p.id)
            OR EXISTS (SELECT 1 FROM persons_sealedtext t WHERE t.person_id = p.id)
            OR EXISTS (SELECT 1 FROM persons_attachment a WHERE a.person_id = p.id))""",
    "person without an event of the recording": """
        SELECT count(*) FROM persons_person p WHERE p.source = 'kalkan' AND NOT EXISTS (
            SELECT 1 FROM audit_auditevent e WHERE e.subjects @> ARRAY[p.reference]
            AND e.action = 'persons:person:create')""",
    "event of a person who is not there": """
        SELECT count(*) FROM audit_auditevent e WHERE e.action = 'persons:person:create' AND NOT EXISTS (
            SELECT 1 FROM persons_person p WHERE e.subjects @> ARRAY[p.reference])""",
    "file that belongs to no case": """
        SELECT count(*) FROM persons_attachment a WHERE NOT EXISTS (
            SELECT 1 FROM cases_caseattachment c WHERE c.attachment_id = a.id)""",
    "file without its content": """
        SELECT count(*) FROM persons_attachment a WHERE a.removed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM persons_attachmentcontent c WHERE c.attachment_id = a.id)""",
    "file without an event": """
        SELECT count(*) FROM persons_attachment a WHERE NOT EXISTS (
            SELECT 1 FROM audit_auditevent e WHERE e.action = 'persons:file:attach'
            AND e.facts->>'file' = a.reference::text)""",
    "import of a part of a file": """
        SELECT count(*) FROM exchange_importrun r
        WHERE (SELECT count(*) FROM exchange_importedrecord i WHERE i.run_id = r.id) NOT IN (0, %(rows)s)""",
    "import that says it is done and is not": """
        SELECT count(*) FROM exchange_importrun r WHERE r.state = 'done'
        AND (SELECT count(*) FROM exchange_importedrecord i WHERE i.run_id = r.id) <> %(rows)s""",
    "imported record without its case": """
        SELECT count(*) FROM exchange_importedrecord i WHERE NOT EXISTS (
            SELECT 1 FROM cases_case c WHERE c.id = i.case_id)""",
}
LASTING = ("fsync", "synchronous_commit", "full_page_writes")
