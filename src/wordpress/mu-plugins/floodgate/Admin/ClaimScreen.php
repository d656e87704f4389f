<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\Submission;
use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\PlaceState;
use Floodgate\Registration\WaitingList;

/** Registers somebody by hand, by the same rules as everybody; only the opening and the end do not bind an organiser. */
final class ClaimScreen implements Screen
{
    private const NONCE = 'floodgate-claim';

    private readonly PersonForm $form;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->form = new PersonForm($course);
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Add registration: %s', 'floodgate'), $this->course->title);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        $typed = Submission::of($this->course, wp_unslash($_POST));
        $this->form->take($typed);
        if (!Session::made(self::NONCE . $this->course->id)) {
            $this->form->mistakes->add('name', Session::ended());
        }
        if ($this->form->mistakes->none() && $typed->claimant instanceof Claimant) {
            $this->claim($typed->claimant, $typed->answers);
        }
        $this->form->mistakes->inTitle();
    }

    /** @param array<string, string> $answers */
    private function claim(Claimant $claimant, array $answers): void
    {
        $claims = new Claims($this->database);
        $claim = $claims->claim($this->course, $claimant, $answers, atAnyTime: true);
        if ($claim->code === null && $this->takeOffer($claimant)) {
            $claim = $claims->find($this->course, $claimant);
            $this->leave((string) $claim->code, Notice::Claimed);
        }
        if ($claim->code !== null) {
            $this->leave($claim->code, $claim->again ? Notice::HadSeat : Notice::Claimed);
        }
        $now = (new Courses($this->database))->byId($this->course->id);
        $this->form->mistakes->add('name', match (true) {
            $now === null => __('Somebody has deleted this course in the meantime.', 'floodgate'),
            $now->queued > 0 => __('People are waiting, and each free seat is offered to them in turn. This person can join the waiting list on the page of the course.', 'floodgate'),
            default => __('No seat is left. Raise the number of seats, or cancel a registration first.', 'floodgate'),
        });
    }

    /** A seat that is held for this person is theirs. */
    private function takeOffer(Claimant $claimant): bool
    {
        $waiting = new WaitingList($this->database);
        $place = $waiting->of($this->course, $claimant);
        return $place?->state === PlaceState::Offered && $waiting->take($this->course, $place->id);
    }

    private function leave(string $code, Notice $notice): never
    {
        wp_safe_redirect(Address::of(View::Ledger, $this->course, ['s' => $code], $notice));
        exit;
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1><?php echo esc_html($GLOBALS['title']); ?></h1>
        <?php echo $this->form->mistakes->summary(); ?>
        <p><?php esc_html_e('For somebody who called or wrote. It takes a seat at once, also before registration opens and after it closed; never more than there are.', 'floodgate'); ?></p>
        <form method="post" novalidate class="floodgate-claim" action="<?php echo esc_url(Address::of(View::Claim, $this->course)); ?>">
        <?php wp_nonce_field(self::NONCE . $this->course->id); ?>
        <?php $this->form->show(); ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Register this person', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Back to the registrations', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }
}
