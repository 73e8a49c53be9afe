export declare const errorWords: {
    errors: {
        image_empty: {
            core: {
                message: string;
                remedy: string;
            };
        };
        image_not_recognised: {
            core: {
                message: string;
                remedy: string;
            };
        };
        image_unsupported_format: {
            core: {
                message: string;
                remedy: string;
            };
        };
        image_truncated_or_corrupt: {
            core: {
                message: string;
                remedy: string;
            };
        };
        image_too_small: {
            core: {
                message: string;
                remedy: string;
            };
        };
        image_too_large: {
            core: {
                message: string;
                remedy: string;
            };
            memory: {
                message: string;
                remedy: string;
            };
        };
        file_too_large: {
            core: {
                message: string;
                remedy: string;
            };
        };
        file_unreadable: {
            core: {
                message: string;
                remedy: string;
            };
            worker: {
                message: string;
                remedy: string;
            };
        };
        file_not_regular: {
            core: {
                message: string;
                remedy: string;
            };
        };
        folder_unreadable: {
            core: {
                message: string;
                remedy: string;
            };
        };
        folder_without_images: {
            core: {
                message: string;
                remedy: string;
            };
        };
        output_failed: {
            core: {
                message: string;
                remedy: string;
            };
        };
        too_many_patches: {
            core: {
                message: string;
                remedy: string;
            };
        };
        batch_too_large: {
            core: {
                message: string;
                remedy: string;
            };
        };
        options_invalid: {
            core: {
                message: string;
                remedy: string;
            };
            call: {
                message: string;
                remedy: string;
            };
        };
        model_missing: {
            core: {
                message: string;
                remedy: string;
            };
            manifest: {
                message: string;
                remedy: string;
            };
            variant: {
                message: string;
                remedy: string;
            };
            file: {
                message: string;
                remedy: string;
            };
            kept: {
                message: string;
                remedy: string;
            };
        };
        model_hash_mismatch: {
            core: {
                message: string;
                remedy: string;
            };
            size: {
                message: string;
                remedy: string;
            };
            own: {
                message: string;
                remedy: string;
            };
        };
        model_invalid: {
            core: {
                message: string;
                remedy: string;
            };
            inspection: {
                message: string;
                remedy: string;
            };
            trial: {
                message: string;
                remedy: string;
            };
        };
        model_not_alone: {
            files: {
                message: string;
                remedy: string;
            };
        };
        model_quantised: {
            core: {
                message: string;
                remedy: string;
            };
        };
        model_too_large: {
            core: {
                message: string;
                remedy: string;
            };
            file: {
                message: string;
                remedy: string;
            };
        };
        model_too_slow: {
            trial: {
                message: string;
                remedy: string;
            };
        };
        model_needs_tract: {
            core: {
                message: string;
                remedy: string;
            };
        };
        manifest_invalid: {
            core: {
                message: string;
                remedy: string;
            };
            json: {
                message: string;
                remedy: string;
            };
            own: {
                message: string;
                remedy: string;
            };
        };
        manifest_too_large: {
            core: {
                message: string;
                remedy: string;
            };
        };
        manifest_missing: {
            core: {
                message: string;
                remedy: string;
            };
        };
        internal: {
            core: {
                message: string;
                remedy: string;
            };
        };
        engine_missing: {
            file: {
                message: string;
                remedy: string;
            };
        };
        engine_hash_mismatch: {
            file: {
                message: string;
                remedy: string;
            };
        };
        engine_refused: {
            compile: {
                message: string;
                remedy: string;
            };
        };
        browser_unsupported: {
            start: {
                message: string;
                remedy: string;
            };
        };
        classifier_disposed: {
            call: {
                message: string;
                remedy: string;
            };
        };
        worker_died: {
            call: {
                message: string;
                remedy: string;
            };
        };
        protocol_mismatch: {
            hello: {
                message: string;
                remedy: string;
            };
        };
        cancelled: {
            call: {
                message: string;
                remedy: string;
            };
        };
        result_incomplete: {
            call: {
                message: string;
                remedy: string;
            };
        };
        result_misplaced: {
            call: {
                message: string;
                remedy: string;
            };
        };
        report_invalid: {
            core: {
                message: string;
                remedy: string;
            };
            field: {
                message: string;
                remedy: string;
            };
            version: {
                message: string;
                remedy: string;
            };
        };
        report_schema_version: {
            version: {
                message: string;
                remedy: string;
            };
        };
        report_not_json: {
            file: {
                message: string;
                remedy: string;
            };
        };
        report_too_large: {
            core: {
                message: string;
                remedy: string;
            };
            file: {
                message: string;
                remedy: string;
            };
        };
    };
    remedies: {
        tryAgain: string;
    };
    clauses: {
        engine: string;
        workerScript: string;
        manifest: string;
        answered: string;
        ended: string;
        unreadable: string;
        notStarted: string;
        whole: string;
        object: string;
        list: string;
        text: string;
        oneOf: string;
        wholeNumber: string;
        wholeNumberTo: string;
        file: string;
        address: string;
        share: string;
        threshold: string;
        time: string;
        distance: string;
        distanceTells: string;
        pixel: string;
        nullWithoutVotes: string;
        boolean: string;
        places: string;
        sha256: string;
        withinImage: string;
        atMost: string;
        atLeast: string;
        filled: string;
        animatedPng: string;
        animatedWebp: string;
        video: string;
        still: string;
        noDecoder: string;
        palette: string;
        document: string;
        drawing: string;
        headers: string;
        empty: string;
        interval: string;
        scans: string;
        bytes: string;
        directory: string;
        chunks: string;
        cutShort: string;
        arithmetic: string;
        lossless: string;
        hierarchical: string;
        deep: string;
        components: string;
        separate: string;
        sampling: string;
        floats: string;
        integers: string;
        signed: string;
        samples: string;
        colours: string;
        ycbcr: string;
        lab: string;
        sensor: string;
        channels: string;
        copy: string;
        bits: string;
        fax: string;
        oldJpeg: string;
        oldLzw: string;
        method: string;
        compression: string;
        inputs: string;
        inputType: string;
        inputShape: string;
        inputBatch: string;
        outputs: string;
        folder: string;
        device: string;
        sumOfOne: string;
        greaterShare: string;
        manifestForm: string;
        manifestVersion: string;
        manifestLabels: string;
        manifestPatchSize: string;
        manifestPatchSmall: string;
        manifestNormalisation: string;
        manifestRawPixels: string;
        manifestNotFinite: string;
        manifestNotPositive: string;
        manifestTemperature: string;
        manifestThreshold: string;
        manifestSha256: string;
        manifestVariant: string;
        reportForm: string;
        reportVersion: string;
        reportShare: string;
        reportSum: string;
        reportRange: string;
        reportContradiction: string;
        optionCount: string;
        optionVariant: string;
        optionRange: string;
        optionSmall: string;
    };
    warnings: {
        pages: string;
        endMarker: string;
    };
};
