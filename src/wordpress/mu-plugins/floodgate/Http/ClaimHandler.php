<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Mail\MailServer;
use Floodgate\Registration\Claim;
use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\Mistake;
use Floodgate\Registration\Outcome;
use Floodgate\Registration\Place;
use Floodgate\Registration\SeatLink;
use Floodgate\Registration\State;
use Floodgate\Registration\WaitingList;

/** A submitted form becomes a claim, and the claim's outcome an answer for this one person. */
final class ClaimHandler
{
    public function __construct(private readonly Claims $claims, private readonly WaitingList $waiting, private readonly FormToken $tokens)
    {
    }

    /**
     * @param array<mixed> $form as submitted; nothing in it is trusted
     * @throws \Floodgate\Registration\DatabaseError when it is not known what became of the claim
     */
    public function handle(Course $course, array $form): ClaimAnswer
    {
        $typed = Submission::of($course, $form);
        $isSecond = $this->tokens->isValid($typed->second, CoursePage::second($course), time());
        // To ask takes nothing: a page may have been open for days.
        $isSigned = $this->tokens->isSigned($typed->token, $course->slug);
        // People neither see nor fill the trap; programs that fill every field do. So does a browser now and then: the form
        // that comes back has no trap.
        $wrong = match (true) {
            !($typed->finds ? $isSigned : $this->tokens->isValid($typed->token, $course->slug, time())) => Mistake::Expired,
            $typed->trap !== '' && !$isSecond => Mistake::Trapped,
            default => null,
        };
        $mistakes = $typed->mistakes + ($wrong === null ? [] : ['form' => $wrong]);
        $isSecond = $isSecond || $wrong === Mistake::Trapped;
        // Where nothing is to be had, nothing need be mended: who has a seat gets the code, everybody else is told why.
        $isOver = $mistakes !== [] && !$typed->finds && !self::hasIt($course, $typed);
        if ($isOver && (!$isSigned || $wrong === Mistake::Trapped || !$typed->claimant instanceof Claimant)) {
            return new ClaimAnswer($course, Outcome::refusal($course->state()), [
                'form' => CoursePage::form($course, $this->tokens, $typed->values, []),
            ]);
        }
        if (!$isOver && ($mistakes !== [] || !$typed->claimant instanceof Claimant)) {
            return $this->again($course, $typed, $mistakes, $isSecond);
        }
        $claim = $isOver || $typed->finds
            ? $this->claims->find($course, $typed->claimant, $typed->browser)
            : $this->claims->claim($course, $typed->claimant, $typed->answers, browser: $typed->browser);
        return $this->answer($claim, $course, $typed, $typed->finds ? ['form' => Mistake::NotRegistered] : $mistakes, $isSecond);
    }

    /** @param array<string, Mistake> $mistakes by field; shown where there is a seat and it was not asked for */
    private function answer(Claim $claim, Course $course, Submission $typed, array $mistakes, bool $isSecond): ClaimAnswer
    {
        $now = $claim->row === null ? $course : Course::fromRow($claim->row);
        if ($claim->again && !$claim->isOwn && MailServer::isSet()) {
            // Whoever knows somebody's address can ask; the code is for the one who reads its mails.
            $this->claims->send((string) $claim->code);
            return new ClaimAnswer($now, Outcome::Sent, [], $claim->row);
        }
        $place = $claim->code === null && $claim->row !== null ? $this->place($now, $typed, $mistakes === []) : null;
        if ($place !== null) {
            return new ClaimAnswer($now, Outcome::Queued, [
                'place' => $place,
                // Where the site sends mails, it is in the mail, and not for everybody who knows an address.
                'link' => MailServer::isSet() ? null : (new SeatLink((string) getenv('WP_SALT')))->placePath($now->slug, $place->id, $place->queuedAt),
            ], $claim->row);
        }
        if ($claim->code === null && $mistakes !== [] && self::hasIt($now, $typed)) {
            return $this->again($now, $typed, $mistakes, $isSecond, $claim->row);
        }
        return new ClaimAnswer($now, $claim->outcome, $claim->code === null ? [
            'form' => CoursePage::form($now, $this->tokens, $typed->values, []),
            'sought' => $typed->finds,
        ] : [
            'claimant' => $typed->claimant,
            'code' => ConfirmationCode::grouped($claim->code),
            'again' => $claim->again,
        ], $claim->row);
    }

    /** Is what the form asks for to be had: a seat, or a place on the waiting list? */
    private static function hasIt(Course $course, Submission $typed): bool
    {
        return $course->state() === State::Open || self::mayWait($course, $typed);
    }

    private static function mayWait(Course $course, Submission $typed): bool
    {
        return $typed->queues && $course->waitingList && $course->state() === State::SoldOut;
    }

    /** The person's place on the waiting list, where there is one: had before, or taken now. */
    private function place(Course $course, Submission $typed, bool $isRight): ?Place
    {
        $place = $course->held + $course->queued > 0 ? $this->waiting->of($course, $typed->claimant) : null;
        if ($place !== null || !$isRight || $course->isDraft || !self::mayWait($course, $typed)) {
            return $place;
        }
        return $this->waiting->join($course, $typed->claimant, $typed->answers);
    }

    /**
     * The form once more, with what was typed.
     *
     * @param array<string, Mistake> $mistakes by field
     * @param bool $isSecond without the trap
     * @param array<string, string|null>|null $row as in ClaimAnswer
     */
    private function again(Course $course, Submission $typed, array $mistakes, bool $isSecond, ?array $row = null): ClaimAnswer
    {
        // The button that asks for one's code again has no fields: whoever presses it has made no mistake yet.
        $asks = $typed->finds && $typed->values['name'] === '' && $typed->values['email'] === '' && !isset($mistakes['form']);
        return new ClaimAnswer($course, Outcome::Invalid, [
            'form' => CoursePage::form($course, $this->tokens, $typed->values, $asks ? [] : $mistakes, $isSecond),
            'finds' => $typed->finds && ($mistakes['form'] ?? null) !== Mistake::NotRegistered,
            'queues' => $typed->queues,
        ], $row);
    }
}
