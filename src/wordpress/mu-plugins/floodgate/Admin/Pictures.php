<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\Picture;

/** Pictures of courses, which lie in the media library. */
final class Pictures
{
    /** The input of a form that sends a file. */
    public const FILE = 'picture_file';
    private const KINDS = ['jpg|jpeg|jpe' => 'image/jpeg', 'png' => 'image/png', 'webp' => 'image/webp', 'avif' => 'image/avif', 'gif' => 'image/gif'];

    public static function register(): void
    {
        // A picture that is deleted in the media library leaves no hole in a page.
        add_action('delete_attachment', static fn (int $id) => (new Courses(Database::ofWordPress()))->forgetPicture($id));
    }

    /** Has the form brought a file, from somebody who may? */
    public static function isSent(): bool
    {
        return current_user_can('upload_files') && ($_FILES[self::FILE]['error'] ?? UPLOAD_ERR_NO_FILE) !== UPLOAD_ERR_NO_FILE;
    }

    /** Take the file that the form has brought into the media library. @return int|string its id there, or why it cannot be */
    public static function take(): int|string
    {
        $file = $_FILES[self::FILE];
        $isOfNoKind = ($file['error'] ?? null) === UPLOAD_ERR_OK && $file['size'] > 0
            && wp_check_filetype_and_ext($file['tmp_name'], $file['name'], self::KINDS)['type'] === false;
        if ($isOfNoKind) {
            return __('It is neither JPEG, PNG, WebP, AVIF nor GIF.', 'floodgate');
        }
        $id = media_handle_upload(self::FILE, 0, [], ['test_form' => false, 'mimes' => self::KINDS]);
        return is_wp_error($id) ? $id->get_error_message() : $id;
    }

    /** As pages show it; null where the media library has no such picture, or not the measures of it. */
    public static function of(int $id, string $alt): ?Picture
    {
        $known = wp_attachment_is_image($id) ? wp_get_attachment_metadata($id) : false;
        if (!is_array($known) || ($known['width'] ?? 0) < 1 || ($known['height'] ?? 0) < 1) {
            return null;
        }
        // Where the file lies, and not what a plugin makes of its address: pages show nothing from elsewhere.
        $folder = wp_make_link_relative(wp_get_upload_dir()['baseurl']) . '/' . ltrim(dirname($known['file']) . '/', './');
        $sizes = [$known['width'] => ['path' => $folder . basename($known['file']), 'width' => (int) $known['width'], 'height' => (int) $known['height']]];
        foreach ($known['sizes'] ?? [] as $size) {
            if (wp_image_matches_ratio($known['width'], $known['height'], $size['width'], $size['height'])) {
                $sizes += [$size['width'] => ['path' => $folder . $size['file'], 'width' => (int) $size['width'], 'height' => (int) $size['height']]];
            }
        }
        ksort($sizes);
        return new Picture($id, $alt, array_values($sizes));
    }
}
