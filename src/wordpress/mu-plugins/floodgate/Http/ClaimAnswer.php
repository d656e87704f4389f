<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Outcome;

/** What one person gets for a claim: a page, or JSON for a program. Never kept by anybody on the way. */
final class ClaimAnswer
{
    /**
     * @param array<string, mixed> $view what the outcome's template shows
     * @param array<string, string|null>|null $row the course as the claim found it; null: no claim was made
     */
    public function __construct(
        public readonly Course $course,
        public readonly Outcome $outcome,
        public readonly array $view,
        public readonly ?array $row = null,
    ) {
    }

    /** @param string $accept the request's header */
    public function send(string $accept): void
    {
        header('Cache-Control: no-store');
        if (self::isForProgram($accept)) {
            http_response_code($this->outcome->status());
            header('Content-Type: application/json');
            echo json_encode($this->forProgram(), JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
            return;
        }
        Page::send($this->outcome->status(), $this->outcome, $this->course, $this->view);
    }

    /** A browser accepts everything, but names HTML. */
    public static function isForProgram(string $accept): bool
    {
        return str_contains($accept, 'application/json') && !str_contains($accept, 'text/html');
    }

    /** @return array<string, mixed> */
    private function forProgram(): array
    {
        $form = $this->outcome === Outcome::Invalid ? $this->view['form'] : null;
        $place = $this->view['place'] ?? null;
        return array_filter([
            'course' => $this->course->slug,
            'state' => $this->outcome->value,
            'code' => $this->view['code'] ?? null,
            'again' => $this->view['again'] ?? null,
            'place' => $place?->position,
            'offered_until' => $place?->offeredUntil === null ? null : $place->offeredUntil / 1000,
            'mistakes' => $form === null ? null : array_combine($form['wrong'], $form['mistakes']),
        ], static fn (mixed $value): bool => $value !== null);
    }
}
