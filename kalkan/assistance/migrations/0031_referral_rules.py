"""Referrals held by the database too: the rules that look at other rows, whose rows exist for whom, and the four
narrow ways past row security, each of which checks by itself what it lets through.

- `assistance_referral_key`: what unseals a package, for the two parties of a referral that holds;
- `assistance_referral_retrieve`: a package once, for a number and a one-time code;
- `assistance_referrals_end`: ends what rests on a consent that was withdrawn or has run out;
- `assistance_referral_onward_consent`: whether the person agreed to one named further receiver.
"""

from django.db import migrations

LIVE = "('sent', 'asked', 'answered', 'accepted')"
TODAY = "(clock_timestamp() AT TIME ZONE 'Europe/Istanbul')::date"
HOLDS = f"c.withdrawn_at IS NULL AND c.given_on <= {TODAY} AND (c.expires_on IS NULL OR c.expires_on >= {TODAY})"
DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

ASKING = f"""
-- Whether what a referral rests on stands today. Asked by both walls, by the rules below and by the services.
CREATE FUNCTION assistance_referral_holds(referral bigint) RETURNS boolean LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT EXISTS (
        SELECT 1 FROM assistance_referral r LEFT JOIN persons_consent c ON c.id = r.consent_id
        WHERE r.id = referral AND r.status NOT IN ('revoked', 'expired')
            AND (r.consent_id IS NULL OR {HOLDS})
    )
$$;
-- Whether whoever acts is a party that may look inside: the receiver while it lives, the sender while it holds.
CREATE FUNCTION assistance_referral_is_open(referral bigint) RETURNS boolean LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT EXISTS (
        SELECT 1 FROM assistance_referral r
        WHERE r.id = referral AND kalkan_may('assistance:referral:view') AND assistance_referral_holds(r.id) AND (
            r.receiver_id = kalkan_institution() AND r.status IN {LIVE}
            OR r.sender_id = kalkan_institution()
        )
    )
$$;
CREATE FUNCTION assistance_referral_is_received(referral bigint) RETURNS boolean LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT EXISTS (
        SELECT 1 FROM assistance_referral r
        WHERE r.id = referral AND r.receiver_id = kalkan_institution() AND r.status = 'accepted'
    )
$$;
-- Whether the institution answers for itself: somebody other than an administrator of accounts works there.
CREATE FUNCTION assistance_has_account(institution bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM access_user u
        WHERE u.institution_id = institution AND u.is_active AND u.role <> 'administrator'
    )
$$;
"""

RULES = f"""
CREATE FUNCTION assistance_referral_is_sent() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    subject record;
    parent record;
BEGIN
    SELECT k.person_id, k.is_urgent, k.is_child OR p.majority IN ('child', 'presumed_child') AS is_child INTO subject
    FROM cases_case k JOIN persons_person p ON p.id = k.person_id WHERE k.id = NEW.case_id;
    IF NEW.status <> 'sent' THEN
        PERFORM cases_refuse('referral_begins_as_sent');
    END IF;
    IF NEW.consent_id IS NOT NULL THEN
        -- Locked, so that a withdrawal of this moment goes before or after, never past this.
        PERFORM 1 FROM persons_consent c
        WHERE c.id = NEW.consent_id AND c.person_id = subject.person_id AND c.recipient_id = NEW.receiver_id
            AND c.purpose = NEW.purpose AND {HOLDS}
        FOR SHARE;
        IF NOT FOUND THEN
            PERFORM cases_refuse('referral_rests_on_live_consent_to_its_receiver');
        END IF;
    ELSIF (NEW.ground = 'child' AND NOT subject.is_child) OR (NEW.ground = 'life' AND NOT subject.is_urgent) THEN
        PERFORM cases_refuse('referral_without_consent_protects_a_child_or_a_life');
    END IF;
    IF NEW.onward_of_id IS NOT NULL THEN
        SELECT * INTO parent FROM assistance_referral WHERE id = NEW.onward_of_id FOR NO KEY UPDATE;
        IF parent.receiver_id <> NEW.sender_id OR parent.case_id <> NEW.case_id OR parent.status <> 'accepted'
            OR NOT assistance_referral_holds(parent.id) THEN
            PERFORM cases_refuse('referral_goes_onward_from_its_receiver');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_is_sent BEFORE INSERT ON assistance_referral
    FOR EACH ROW EXECUTE FUNCTION assistance_referral_is_sent();

CREATE FUNCTION assistance_referral_is_not_rewritten() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(OLD) - '{{status,ended_at,version}}'::text[])
        <> (to_jsonb(NEW) - '{{status,ended_at,version}}'::text[]) THEN
        PERFORM cases_refuse('sent_referral_is_not_rewritten');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_is_not_rewritten BEFORE UPDATE OR DELETE ON assistance_referral
    FOR EACH ROW EXECUTE FUNCTION assistance_referral_is_not_rewritten();

-- Of what was sealed only the sealed part can go, with the person.
CREATE FUNCTION assistance_referral_words_are_kept() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    IF TG_OP = 'DELETE' OR length(NEW.sealed) > 0 OR (to_jsonb(OLD) - 'sealed') <> (to_jsonb(NEW) - 'sealed') THEN
        PERFORM cases_refuse('sent_words_are_not_rewritten');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER package_is_kept BEFORE UPDATE OR DELETE ON assistance_referralpackage
    FOR EACH ROW EXECUTE FUNCTION assistance_referral_words_are_kept();
CREATE TRIGGER message_is_kept BEFORE UPDATE OR DELETE ON assistance_referralmessage
    FOR EACH ROW EXECUTE FUNCTION assistance_referral_words_are_kept();

CREATE FUNCTION assistance_referral_moves() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    stands record;
BEGIN
    SELECT * INTO stands FROM assistance_referral WHERE id = NEW.referral_id FOR NO KEY UPDATE;
    IF stands.status <> NEW.source THEN
        PERFORM cases_refuse('referral_move_starts_where_the_referral_stands');
    ELSIF NEW.move IN ('accept', 'ask', 'answer', 'complete') AND NOT assistance_referral_holds(stands.id) THEN
        PERFORM cases_refuse('referral_goes_on_only_while_its_basis_holds');
    ELSIF NEW.move IN ('accept', 'ask', 'decline', 'return', 'complete') AND assistance_has_account(stands.receiver_id)
        AND NOT EXISTS (
            SELECT 1 FROM access_user u WHERE u.id = NEW.by_id AND u.institution_id = stands.receiver_id
        ) THEN
        PERFORM cases_refuse('referral_is_answered_by_its_receiver');
    ELSIF NEW.move IN ('revoke', 'expire') AND assistance_referral_holds(stands.id) THEN
        PERFORM cases_refuse('referral_ends_with_its_consent');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_moves BEFORE INSERT ON assistance_referralmove
    FOR EACH ROW WHEN (NEW.source <> '') EXECUTE FUNCTION assistance_referral_moves();

CREATE FUNCTION assistance_referral_moves_are_kept() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    PERFORM cases_refuse('referral_moves_are_append_only');
    RETURN NULL;
END $$;
CREATE TRIGGER referral_moves_are_kept BEFORE UPDATE OR DELETE ON assistance_referralmove
    FOR EACH ROW EXECUTE FUNCTION assistance_referral_moves_are_kept();

-- Looked at when the transaction ends, because the two rows are written one after the other.
CREATE FUNCTION assistance_referral_stands_as_moved() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    subject bigint;
BEGIN
    IF TG_TABLE_NAME = 'assistance_referral' THEN subject := NEW.id; ELSE subject := NEW.referral_id; END IF;
    IF NOT EXISTS (
        SELECT 1 FROM assistance_referral r WHERE r.id = subject AND r.status = (
            SELECT m.target FROM assistance_referralmove m WHERE m.referral_id = subject ORDER BY m.id DESC LIMIT 1
        )
    ) THEN
        PERFORM cases_refuse('referral_changes_only_by_a_move');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referral_begins_by_a_move AFTER INSERT ON assistance_referral
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION assistance_referral_stands_as_moved();
CREATE CONSTRAINT TRIGGER referral_changes_only_by_a_move AFTER UPDATE OF status ON assistance_referral
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION assistance_referral_stands_as_moved();
CREATE CONSTRAINT TRIGGER move_moves_its_referral AFTER INSERT ON assistance_referralmove
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION assistance_referral_stands_as_moved();
"""

# A case that only an emergency shows is read, never written to.
CASE = "EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)"
OWN_CASE = """EXISTS (
    SELECT 1 FROM cases_case c
    WHERE c.id = case_id AND c.reference <> ALL ((SELECT kalkan_opened_cases())::uuid[])
)"""
PARTY = "(SELECT kalkan_institution())"
ROWS = f"""
ALTER TABLE assistance_referral ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_referral FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'oversight', 'figures', 'erasure'))
    OR (SELECT kalkan_may('assistance:referral:view')) AND (
        (SELECT kalkan_reach()) = 'nation' OR sender_id = {PARTY} OR receiver_id = {PARTY} OR {CASE}
    )
);
CREATE POLICY sending ON assistance_referral FOR INSERT TO kalkan_app WITH CHECK (
    sender_id = {PARTY} AND sent_by_id = (SELECT kalkan_user()) AND (
        (SELECT kalkan_may('assistance:referral:send')) AND {OWN_CASE}
        OR (SELECT kalkan_may('assistance:referral:answer')) AND assistance_referral_is_received(onward_of_id)
    )
);
CREATE POLICY moving ON assistance_referral FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_may('assistance:referral:answer')) AND (receiver_id = {PARTY} OR sender_id = {PARTY})
    OR (SELECT kalkan_may('assistance:referral:send')) AND (sender_id = {PARTY} OR {OWN_CASE})
);

ALTER TABLE assistance_referralmove ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_referralmove FOR SELECT TO kalkan_app USING (
    EXISTS (SELECT 1 FROM assistance_referral r WHERE r.id = referral_id)
);
CREATE POLICY moving ON assistance_referralmove FOR INSERT TO kalkan_app WITH CHECK (
    by_id = (SELECT kalkan_user())
    AND (SELECT kalkan_may('assistance:referral:answer') OR kalkan_may('assistance:referral:send'))
    AND EXISTS (SELECT 1 FROM assistance_referral r WHERE r.id = referral_id)
);
REVOKE UPDATE, DELETE ON assistance_referralmove FROM kalkan_app;
"""

INSIDE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON {table} FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR assistance_referral_is_open(referral_id)
    OR (SELECT kalkan_may('persons:identity:reveal')) AND EXISTS (
        SELECT 1 FROM assistance_referral r JOIN cases_case c ON c.id = r.case_id WHERE r.id = referral_id
    )
);
CREATE POLICY writing ON {table} FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_may('assistance:referral:answer') OR kalkan_may('assistance:referral:send'))
    AND EXISTS (SELECT 1 FROM assistance_referral r WHERE r.id = referral_id)
);
CREATE POLICY erasing ON {table} FOR UPDATE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));
"""

CODES = f"""
ALTER TABLE assistance_referralcode ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_referralcode FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('assistance:referral:send')) AND EXISTS (
        SELECT 1 FROM assistance_referral r
        WHERE r.id = referral_id AND (
            r.sender_id = {PARTY} OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = r.case_id)
        )
    )
);

-- Of the promises of the other party, those about a referral that whoever acts can see: to make, keep and drop them.
CREATE POLICY receiving ON assistance_promise FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND EXISTS (
        SELECT 1 FROM assistance_referral r
        WHERE r.reference = subject AND institution_id IN (r.sender_id, r.receiver_id)
    )
);
"""

WAYS = f"""
CREATE FUNCTION assistance_referral_key(referral bigint)
    RETURNS TABLE (person uuid, wrapped_key bytea, key_version integer) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT p.reference, p.wrapped_key, p.key_version::integer
    FROM assistance_referral r JOIN cases_case k ON k.id = r.case_id JOIN persons_person p ON p.id = k.person_id
    WHERE r.id = referral AND p.erased_at IS NULL AND assistance_referral_is_open(r.id)
$$;

CREATE FUNCTION assistance_referral_onward_consent(referral bigint, recipient uuid, purposes text[])
    RETURNS TABLE (id bigint, purpose text, categories text[]) LANGUAGE sql STABLE {DEFINER} AS $$
    SELECT c.id, c.purpose::text, c.categories::text[]
    FROM assistance_referral r JOIN cases_case k ON k.id = r.case_id
        JOIN persons_consent c ON c.person_id = k.person_id JOIN access_institution i ON i.id = c.recipient_id
    WHERE r.id = referral AND i.reference = recipient AND c.purpose = ANY (purposes) AND {HOLDS}
        AND kalkan_may('assistance:referral:answer') AND assistance_referral_is_received(r.id)
        AND assistance_referral_holds(r.id)
    ORDER BY c.id DESC
$$;

-- A wrong code counts against the letter; the fifth closes it. Nothing tells a wrong number from a wrong code.
CREATE FUNCTION assistance_referral_retrieve(spoken text, code text)
    RETURNS TABLE (
        referral uuid, receiver uuid, person uuid, wrapped_key bytea, key_version integer,
        sealed bytea, signature bytea, key text
    ) LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
    letter record;
BEGIN
    SELECT k.id, k.digest, k.referral_id INTO letter
    FROM assistance_referralcode k JOIN assistance_referral r ON r.id = k.referral_id
    WHERE r.number = spoken AND k.used_at IS NULL AND k.withdrawn_at IS NULL AND k.tries < 5
        AND k.expires_at > clock_timestamp() AND r.status IN {LIVE} AND assistance_referral_holds(r.id)
    FOR UPDATE OF k;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF letter.digest <> encode(sha256(convert_to(code, 'UTF8')), 'hex') THEN
        UPDATE assistance_referralcode SET tries = tries + 1 WHERE id = letter.id;
        RETURN;
    END IF;
    UPDATE assistance_referralcode SET used_at = clock_timestamp() WHERE id = letter.id;
    RETURN QUERY
        SELECT r.reference, i.reference, p.reference, p.wrapped_key, p.key_version::integer,
            parcel.sealed, parcel.signature, parcel.key::text
        FROM assistance_referral r JOIN assistance_referralpackage parcel ON parcel.referral_id = r.id
            JOIN access_institution i ON i.id = r.receiver_id
            JOIN cases_case k ON k.id = r.case_id JOIN persons_person p ON p.id = k.person_id
        WHERE r.id = letter.referral_id AND p.erased_at IS NULL;
END $$;
-- One consent, or with NULL every one: what rests on a consent that was withdrawn or has run out ends now, with its
-- promises and its letters. Whoever calls it can end nothing that still holds.
CREATE FUNCTION assistance_referrals_end(of_consent bigint)
    RETURNS TABLE (referral uuid, move text) LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT r.id, r.reference, r.status, c.withdrawn_at IS NOT NULL AS is_withdrawn
        FROM assistance_referral r JOIN persons_consent c ON c.id = r.consent_id
        WHERE (of_consent IS NULL OR r.consent_id = of_consent) AND r.status IN {LIVE}
            AND (c.withdrawn_at IS NOT NULL OR c.expires_on < {TODAY})
        ORDER BY r.id FOR UPDATE OF r
    LOOP
        referral := one.reference;
        move := CASE WHEN one.is_withdrawn THEN 'revoke' ELSE 'expire' END;
        INSERT INTO assistance_referralmove (referral_id, move, source, target, reason, by_id, at)
        VALUES (one.id, move, one.status, move || 'd', '', kalkan_user(), clock_timestamp());
        UPDATE assistance_referral SET status = move || 'd', ended_at = clock_timestamp(), version = version + 1
        WHERE id = one.id;
        UPDATE assistance_promise SET dropped_at = clock_timestamp()
        WHERE subject = one.reference AND kept_at IS NULL AND dropped_at IS NULL;
        UPDATE assistance_referralcode SET withdrawn_at = clock_timestamp()
        WHERE referral_id = one.id AND used_at IS NULL AND withdrawn_at IS NULL;
        RETURN NEXT;
    END LOOP;
END $$;
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {name} TO kalkan_app;
"""
FUNCTIONS = [
    "assistance_referral_holds(bigint)",
    "assistance_referral_is_open(bigint)",
    "assistance_referral_is_received(bigint)",
    "assistance_referral_key(bigint)",
    "assistance_referral_onward_consent(bigint, uuid, text[])",
    "assistance_referral_retrieve(text, text)",
    "assistance_referrals_end(bigint)",
]


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0030_referrals"),
        ("access", "0032_emergency_row_security"),
        ("cases", "0030_emergency_row_security"),
        ("persons", "0030_emergency_row_security"),
    ]
    operations = [
        migrations.RunSQL(ASKING + RULES, migrations.RunSQL.noop),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(INSIDE.format(table=table), migrations.RunSQL.noop)
            for table in ("assistance_referralpackage", "assistance_referralmessage")
        ),
        migrations.RunSQL(CODES + WAYS, migrations.RunSQL.noop),
        *(migrations.RunSQL(GRANTS.format(name=name), migrations.RunSQL.noop) for name in FUNCTIONS),
    ]
