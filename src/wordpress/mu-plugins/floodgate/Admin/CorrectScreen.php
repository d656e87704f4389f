<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\Submission;
use Floodgate\Mail\MailServer;
use Floodgate\Registration\Claimant;
use Floodgate\Registration\CorrectionResult;
use Floodgate\Registration\Corrections;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;

/** Corrects the name, the address and the answers of somebody who has a seat or waits for one. */
final class CorrectScreen implements Screen
{
    private const NONCE = 'floodgate-correct';

    private readonly int $id;
    private readonly LedgerPart $part;
    private readonly PersonForm $form;
    /** @var array<string, string> what stands in the ledger, by field */
    private array $kept = [];

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->id = (int) filter_var($_GET['line'] ?? null, FILTER_VALIDATE_INT);
        $this->part = ($_GET['part'] ?? null) === LedgerPart::Waiting->value ? LedgerPart::Waiting : LedgerPart::Registered;
    }

    public static function address(Course $course, LedgerPart $part, int $id): string
    {
        return Address::of(View::Correct, $course, ['part' => $part->value, 'line' => $id]);
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Correct registration: %s', 'floodgate'), $this->course->title);
        $entry = (new Ledger($this->database, $this->course))->find($this->id, $this->part);
        if ($entry === null || $entry->isErased()) {
            $this->leaveGone();
        }
        $this->kept = $this->values($entry);
        $this->form = new PersonForm($this->course, $this->kept);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        $typed = $this->merged(wp_unslash($_POST));
        $this->form->take($typed);
        if (!Session::made(self::NONCE . $this->id)) {
            $this->form->mistakes->add('name', Session::ended());
        }
        if ($this->form->mistakes->none() && $typed->claimant instanceof Claimant) {
            $this->correct($entry, $typed->claimant, array_filter(
                $typed->answers,
                fn (string|int $key): bool => $typed->values["answer-$key"] !== $this->kept["answer-$key"],
                ARRAY_FILTER_USE_KEY
            ));
        }
        $this->form->mistakes->inTitle();
    }

    /** @return array<string, string> by field */
    private function values(Entry $entry): array
    {
        $values = ['name' => $entry->name, 'email' => EmailAddress::shown($entry->email)];
        foreach ($this->course->fields as $field) {
            $values["answer-{$field->key}"] = $entry->answers[$field->key] ?? '';
        }
        return $values;
    }

    /**
     * What was typed; where nothing was typed, what stands there now, which somebody else may have corrected meanwhile.
     *
     * @param array<mixed> $post
     */
    private function merged(array $post): Submission
    {
        $plain = static fn (string $text): string => (string) preg_replace('/\R/u', "\n", $text);
        $shown = is_string($post['shown'] ?? null) ? json_decode($post['shown'], true, 2) : null;
        $values = Submission::of($this->course, $post)->values;
        foreach ($values as $name => $typed) {
            if (is_array($shown) && $plain($typed) === ($shown[$name] ?? null)) {
                $values[$name] = $this->kept[$name];
            }
        }
        $answers = [];
        foreach ($this->course->fields as $field) {
            $answers[$field->key] = $values["answer-{$field->key}"];
        }
        return Submission::of($this->course, ['name' => $values['name'], 'email' => $values['email'], 'answer' => $answers]);
    }

    /** @param array<string, string> $answers those that change, by key */
    private function correct(Entry $entry, Claimant $claimant, array $answers): void
    {
        $correction = (new Corrections($this->database))->correct($this->course, $this->part, $this->id, $claimant, $answers);
        if ($correction === CorrectionResult::Gone) {
            $this->leaveGone();
        }
        if ($correction === CorrectionResult::SomebodyElses) {
            $this->form->mistakes->add($this->course->onePerEmail ? 'email' : 'name', $this->course->onePerEmail
                ? __('Somebody with this e-mail address has a seat already, or waits for one. If it is the same person, cancel one of the two.', 'floodgate')
                : __('Somebody with this name and e-mail address has a seat already, or waits for one. If it is the same person, cancel one of the two.', 'floodgate'));
            return;
        }
        $isReaddressed = $correction === CorrectionResult::Readdressed && MailServer::isSet();
        $this->leave($isReaddressed ? Notice::Readdressed : Notice::Corrected, ['s' => $entry->code]);
    }

    private function leaveGone(): never
    {
        $this->leave($this->part === LedgerPart::Waiting ? Notice::OffTheListBefore : Notice::CancelledBefore);
    }

    /** @param array<string, string> $more */
    private function leave(Notice $notice, array $more = []): never
    {
        wp_safe_redirect(Address::of(View::Ledger, $this->course, ['part' => $this->part->value, ...$more], $notice));
        exit;
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1><?php echo esc_html($GLOBALS['title']); ?></h1>
        <?php echo $this->form->mistakes->summary(); ?>
        <p><?php echo esc_html($this->hint()); ?></p>
        <form method="post" novalidate class="floodgate-claim" action="<?php echo esc_url(self::address($this->course, $this->part, $this->id)); ?>">
        <?php wp_nonce_field(self::NONCE . $this->id); ?>
        <input type="hidden" name="shown" value="<?php echo esc_attr((string) wp_json_encode($this->kept)); ?>">
        <?php $this->form->show(); ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Save the correction', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::of(View::Ledger, $this->course, ['part' => $this->part->value])); ?>"><?php esc_html_e('Back to the registrations', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }

    private function hint(): string
    {
        return ($this->part === LedgerPart::Waiting
            ? __('The place on the waiting list stays.', 'floodgate')
            : __('The seat and its code stay.', 'floodgate'))
            . ' ' . (MailServer::isSet()
                ? __('If you change the e-mail address, the e-mail is sent again, to the new one, and the links in earlier e-mails no longer work.', 'floodgate')
                : __('The site does not e-mail the person about it: please tell them.', 'floodgate'));
    }
}
