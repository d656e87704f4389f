<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\ClaimMistakes;
use Floodgate\Http\Submission;
use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/** Registers somebody by hand, by the same rules as everybody; only the opening and the end do not bind an organiser. */
final class ClaimScreen implements Screen
{
    private const NONCE = 'floodgate-claim';

    private readonly FormMistakes $mistakes;
    /** @var array<string, string> what was typed, by field */
    private array $values = [];

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->mistakes = new FormMistakes();
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Add registration: %s', 'floodgate'), $this->course->title);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        $typed = Submission::of($this->course, wp_unslash($_POST));
        $this->values = $typed->values;
        foreach (ClaimMistakes::inWords($this->course, $typed->mistakes) as $field => $sentence) {
            $this->mistakes->add($field, $sentence);
        }
        if (!Session::made(self::NONCE . $this->course->id)) {
            $this->mistakes->add('name', Session::ended());
        }
        if ($this->mistakes->none() && $typed->claimant instanceof Claimant) {
            $this->claim($typed->claimant, $typed->answers);
        }
        $this->mistakes->inTitle();
    }

    /** @param array<string, string> $answers */
    private function claim(Claimant $claimant, array $answers): void
    {
        $claim = (new Claims($this->database))->claim($this->course, $claimant, $answers, atAnyTime: true);
        if ($claim->code !== null) {
            $notice = $claim->again ? Notice::HadSeat : Notice::Claimed;
            wp_safe_redirect(Address::of(View::Ledger, $this->course, ['s' => $claim->code], $notice));
            exit;
        }
        $this->mistakes->add('name', (new Courses($this->database))->byId($this->course->id) === null
            ? __('Somebody has deleted this course meanwhile.', 'floodgate')
            : __('No seat is left. Raise the number of seats, or cancel a registration first.', 'floodgate'));
    }

    public function show(): void
    {
        // The answers' inputs are those of the public form.
        $value = fn (string $name): string => $this->values[$name] ?? '';
        $describe = fn (string $id, string $name): string => $this->mistakes->at($name) === '' ? ''
            : ' aria-invalid="true" aria-describedby="' . esc_attr(FormMistakes::id($name)) . '-mistake"';
        $showMistake = function (string $id, string $name): void {
            echo $this->mistakes->at($name);
        };
        $optional = ' ' . esc_html__('(optional)', 'floodgate');
        ?>
        <div class="wrap floodgate">
        <h1><?php echo esc_html($GLOBALS['title']); ?></h1>
        <?php echo $this->mistakes->summary(); ?>
        <p><?php esc_html_e('For somebody who called or wrote. It takes a seat at once, also before registration opens and after it closed; never more than there are.', 'floodgate'); ?></p>
        <form method="post" novalidate class="floodgate-claim" action="<?php echo esc_url(Address::of(View::Claim, $this->course)); ?>">
        <?php wp_nonce_field(self::NONCE . $this->course->id); ?>
        <label for="floodgate-name"><?php esc_html_e('Name', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('name'); ?>
        <input type="text" class="regular-text" maxlength="200" required <?php echo $this->mistakes->attributes('name'); ?> value="<?php echo esc_attr($value('name')); ?>">
        <label for="floodgate-email"><?php esc_html_e('E-mail address', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('email'); ?>
        <input type="text" inputmode="email" class="regular-text" maxlength="254" required <?php echo $this->mistakes->attributes('email'); ?> value="<?php echo esc_attr($value('email')); ?>">
        <?php
        foreach ($this->course->fields as $field) {
            require dirname(__DIR__) . '/templates/field.php';
        }
        ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Register this person', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Back to the registrations', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }
}
