"""The bytes of a file and its name move into a table of their own, which only those see who may reveal."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# Ciphertext does not compress: PostgreSQL need not try, and reads a part of it without unpacking the whole.
MOVE = """
ALTER TABLE persons_attachmentcontent ALTER COLUMN sealed SET STORAGE EXTERNAL;
INSERT INTO persons_attachmentcontent (attachment_id, sealed_name, sealed)
    SELECT id, sealed_name, sealed FROM persons_attachment WHERE sealed IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

ROWS = """
ALTER TABLE persons_attachmentcontent ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_attachmentcontent FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('persons:identity:reveal'))
        AND EXISTS (SELECT 1 FROM persons_attachment a WHERE a.id = attachment_id)
);
CREATE POLICY attaching ON persons_attachmentcontent FOR INSERT TO kalkan_app WITH CHECK (
    EXISTS (
        SELECT 1 FROM persons_attachment a
        WHERE a.id = attachment_id AND a.attached_by_id = (SELECT kalkan_user()) AND a.removed_at IS NULL
    )
);
CREATE POLICY erasing ON persons_attachmentcontent FOR DELETE TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
);
REVOKE UPDATE ON persons_attachmentcontent FROM kalkan_app;

-- Who removes a file need not see what is in it, so it goes by itself.
CREATE FUNCTION persons_drop_content() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM persons_attachmentcontent WHERE attachment_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER removed_attachment_drops_its_content AFTER UPDATE OF removed_at ON persons_attachment
    FOR EACH ROW WHEN (NEW.removed_at IS NOT NULL) EXECUTE FUNCTION persons_drop_content();

CREATE FUNCTION persons_attachment_is_whole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    which bigint;
BEGIN
    IF TG_TABLE_NAME = 'persons_attachment' THEN
        which := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        which := OLD.attachment_id;
    ELSE
        which := NEW.attachment_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM persons_attachment a WHERE a.id = which AND (a.removed_at IS NULL)
            <> EXISTS (SELECT 1 FROM persons_attachmentcontent c WHERE c.attachment_id = a.id)
    ) THEN
        RAISE EXCEPTION 'attachment_has_content_until_it_is_removed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER attachment_has_content AFTER INSERT OR UPDATE OF removed_at ON persons_attachment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION persons_attachment_is_whole();
CREATE CONSTRAINT TRIGGER content_has_attachment AFTER INSERT OR DELETE ON persons_attachmentcontent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION persons_attachment_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("persons", "0040_attachment")]

    operations = [
        migrations.CreateModel(
            name="AttachmentContent",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="persons.attachment",
                    ),
                ),
                ("sealed_name", models.BinaryField(help_text="Sealed: name of the file")),
                ("sealed", models.BinaryField(help_text="Sealed: the file")),
            ],
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveConstraint("Attachment", "removed_attachment_keeps_nothing"),
        migrations.RemoveField("Attachment", "sealed"),
        migrations.RemoveField("Attachment", "sealed_name"),
        migrations.AddConstraint(
            "Attachment",
            models.CheckConstraint(
                name="attachment_is_removed_for_a_reason",
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | (Q(removed_at__isnull=False) & ~Q(removal_reason="")),
            ),
        ),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
    ]
